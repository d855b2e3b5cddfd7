/// What connections tell their pool.
extension UpstreamPool: HTTPClientConnectionOwner {
    func connection(_ connection: HTTPClientConnection, didReceive reply: HTTPClientReply) {
        mainHasAnswered()
        guard let exchange = endLease(of: connection) else { return }
        delegate?.exchange(exchange, didReceive: reply)
    }

    func connection(
        _ connection: HTTPClientConnection,
        didFailWithRequestSent wasSent: Bool,
        isRetryable: Bool,
        isTimeout: Bool
    ) {
        guard let exchange = endLease(of: connection) else { return }
        if isTimeout {
            // Where something else was answered meanwhile, the main is slow, not silent.
            let isSilent = lastAnswer.map { $0 < exchange.start } ?? true
            if isSilent, availability.hasTimedOut() {
                silenceStart = mainReturn.beginSilence()
                logger.warning("the main is silent", metadata: ["main": "\(address.endpoint)"])
                probeTimer?.start(after: Self.probeInterval)
                for exchange in waiting.removeAll() { fail(exchange, wasSent: false) }
            }
        } else {
            mainHasAnswered()
        }
        if !wasSent, !isRetryable, let target = addresses[ObjectIdentifier(connection)] {
            exchange.failedAddresses += 1
            address.hasFailed(target)
        }
        if mayRetry(exchange, wasSent: wasSent, isRetryable: isRetryable, isTimeout: isTimeout) {
            if busy.count < limits.connections {
                connect(exchange)
            } else {
                submit(exchange)
            }
        } else {
            fail(exchange, wasSent: wasSent)
        }
    }

    /// A write never goes out twice: only what the main cannot have seen is sent again, and reads, once.
    private func mayRetry(
        _ exchange: Exchange,
        wasSent: Bool,
        isRetryable: Bool,
        isTimeout: Bool
    ) -> Bool {
        guard !isClosing, exchange.remainingTime > .zero else { return false }
        if wasSent { return !exchange.isWrite && !isTimeout && exchange.attempts < 2 }
        if isRetryable { return exchange.attempts < 3 }
        // The next address of a host that has several.
        return exchange.failedAddresses < address.candidates.count
    }

    func connectionIsIdle(_ connection: HTTPClientConnection) {
        busy[ObjectIdentifier(connection)] = nil
        keep(connection)
        sendWaiting()
    }

    func connectionIsClosed(_ connection: HTTPClientConnection) {
        let id = ObjectIdentifier(connection)
        busy[id] = nil
        addresses[id] = nil
        idle.removeAll { $0.connection === connection }
        if retired.isEmpty { reaper?.runSoon() }
        retired.append(connection)
        sendWaiting()
    }
}
