/// How exchanges end.
extension UpstreamPool {
    func exchange(_ exchange: Exchange, didReceive reply: HTTPClientReply) {
        mainHasAnswered()
        delegate?.exchange(exchange, didReceive: reply)
    }

    func exchange(
        _ exchange: Exchange,
        on upstream: Upstream,
        didFail failure: HTTPClientState.Failure
    ) {
        if failure.isTimeout {
            mainHasLetTimeOut(exchange)
        } else {
            mainHasAnswered()
        }
        if !failure.wasSent, !failure.isRetryable {
            exchange.failedAddresses += 1
            address.hasFailed(upstream.address)
        }
        if mayRetry(exchange, after: failure) {
            if hasRoom {
                connect(exchange)
            } else {
                submit(exchange)
            }
        } else {
            fail(exchange, wasSent: failure.wasSent)
        }
    }

    /// A write never goes out twice: only what the main cannot have seen is sent again, and reads, once.
    private func mayRetry(_ exchange: Exchange, after failure: HTTPClientState.Failure) -> Bool {
        guard !isClosing, exchange.remainingTime > .zero else { return false }
        if failure.wasSent {
            return !exchange.isWrite && !failure.isTimeout && exchange.attempts < 2
        }
        if failure.isRetryable { return exchange.attempts < 3 }
        // The next address of a host that has several.
        return exchange.failedAddresses < address.candidates.count
    }
}
