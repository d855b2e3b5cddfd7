import Basics

/// What becomes of connections, and of the exchanges on them.
extension ForwardingCore {
    mutating func isConnected(_ id: ConnectionID, _ now: MonotonicTime) {
        guard isCurrent(id) else { return }
        // No answer yet: the kernel of a stopped main connects as well.
        connections[Int(id.slot)].connectDeadline = .distantFuture
        connections[Int(id.slot)].roundTrip = now - connections[Int(id.slot)].connectStart
    }

    mutating func hasReplied(
        _ id: ConnectionID,
        isReusable: Bool,
        keepsFor: TimeSpan?,
        _ now: MonotonicTime
    ) {
        guard isCurrent(id) else { return }
        let slot = Int(id.slot)
        let exchange = connections[slot].exchange
        if health.state == .silent, connections[slot].addressGeneration == addressGeneration {
            // Of several addresses, this is the one where somebody is.
            preferredAddress = connections[slot].address
        }
        mainHasAnswered(now)
        connections[slot].hasServed = true
        if let keepsFor { connections[slot].keepsFor = keepsFor }
        if exchange >= 0 {
            connections[slot].exchange = -1
            end(exchange, .replied)
        }
        let span = idleTime(of: connections[slot])
        if isReusable, !isClosing, isTrusted(connections[slot]), span > .zero,
            !connections[slot].isForProbe || adoptProbe(slot)
        {
            connections[slot].idleDeadline = now + span
            idle.append(id.slot)
            note(deadline: connections[slot].idleDeadline)
        } else {
            close(id)
        }
    }

    /// A probe's connection serves requests from now on, where it has a place.
    private mutating func adoptProbe(_ slot: Int) -> Bool {
        guard connectionCount < limits.connections else { return false }
        connections[slot].isForProbe = false
        connectionCount += 1
        return true
    }

    /// How long a connection may be idle and still be used.
    private func idleTime(of connection: ConnectionRecord) -> TimeSpan {
        guard let keepsFor = connection.keepsFor else { return limits.idleTime }
        // The main counts from when its reply left, and closes before the next request has arrived:
        // one round trip, two more for segments that are lost, and its clock is coarse.
        let margin = Self.keepAliveMargin + connection.roundTrip * 3
        return min(limits.idleTime, keepsFor - margin)
    }

    /// After a silence nobody knows what became of the connections from before.
    private func isTrusted(_ connection: ConnectionRecord) -> Bool {
        connection.silences == health.silences
            && connection.addressGeneration == addressGeneration
    }

    /// The idle connection that was used last. Those that are too old are closed on the way.
    mutating func takeIdle(_ now: MonotonicTime) -> ConnectionID? {
        var looks = Self.workPerTurn
        while idle.newest >= 0, looks > 0 {
            looks -= 1
            let slot = idle.newest
            let connection = connections[Int(slot)]
            if isTrusted(connection), now < connection.idleDeadline {
                idle.remove(slot)
                return connection.id(slot)
            }
            close(connection.id(slot))
        }
        return nil
    }

    mutating func hasFailed(_ id: ConnectionID, _ failure: ConnectionFailure, _ now: MonotonicTime)
    {
        guard isCurrent(id) else { return }
        counts.note(failure)
        let connection = connections[Int(id.slot)]
        close(id)
        switch failure {
        case .refused, .lost, .overloaded: mainHasAnswered(now)
        case .unreachable, .local, .stale: break
        }
        guard connection.exchange >= 0 else { return }
        let exchange = connection.exchange
        let isUnusable =
            switch failure {
            case .refused, .unreachable: true
            // Nobody at home, or somebody who ends each connection at once; or no way from here, as to
            // an address of IPv6 where there is only IPv4.
            case .lost, .local: !connection.hasServed && !exchanges[exchange].wasSent
            case .stale, .overloaded: false
            }
        if isUnusable { markTried(exchange, connection) }
        if failure == .unreachable { exchanges[exchange].hasWaitedInVain = true }
        if failure == .stale { exchanges[exchange].attempts -= 1 }
        if failure == .overloaded, !exchanges[exchange].isWrite {
            end(exchange, .overloaded)
        } else if mayRetry(exchanges[exchange], failure, connection, now) {
            if exchanges[exchange].isProbe { begin(exchange, now) } else { putBack(exchange) }
        } else {
            giveUp(exchange, now)
        }
    }

    /// Others go first from now on, and the name is looked up anew.
    private mutating func markTried(_ id: ExchangeID, _ connection: ConnectionRecord) {
        actions.append(.resolve)
        guard connection.addressGeneration == addressGeneration else { return }
        if exchanges[id].triedGeneration != addressGeneration {
            exchanges[id].triedGeneration = addressGeneration
            exchanges[id].triedAddresses = 0
        }
        if connection.address < 64 {
            exchanges[id].triedAddresses |= 1 << UInt64(connection.address)
        }
        if connection.address == preferredAddress {
            preferredAddress = (preferredAddress + 1) % addressCount
        }
    }

    /// The first address that the exchange has not tried: from the preferred one on, or, for a probe,
    /// from the one whose turn it is. What is preferred changes with each probe that fails, so that turns
    /// counted from there could leave one out.
    func nextAddress(for exchange: ExchangeRecord) -> Int? {
        guard addressCount > 0 else { return nil }
        // What was tried before the name came to mean others says nothing.
        let tried = exchange.triedGeneration == addressGeneration ? exchange.triedAddresses : 0
        let first = exchange.isProbe ? exchange.firstAddress : preferredAddress
        for step in 0..<min(addressCount, 64) {
            let address = (first + step) % addressCount
            if address >= 64 || tried & (1 << UInt64(address)) == 0 { return address }
        }
        return nil
    }

    /// A write never goes out twice: only what the main cannot have seen is sent again, and reads, once.
    private func mayRetry(
        _ exchange: ExchangeRecord,
        _ failure: ConnectionFailure,
        _ connection: ConnectionRecord,
        _ now: MonotonicTime
    ) -> Bool {
        guard !isClosing, now < exchange.deadline, health.state == .present || exchange.isProbe
        else { return false }
        if exchange.wasSent {
            return failure == .lost && !exchange.isWrite && exchange.attempts < 2
        }
        return switch failure {
        case .refused, .unreachable: exchange.attempts < 8 && nextAddress(for: exchange) != nil
        case .lost:
            connection.hasServed
                ? exchange.attempts < 3
                : exchange.attempts < 8 && nextAddress(for: exchange) != nil
        case .local:
            !connection.hasServed && exchange.attempts < 8 && nextAddress(for: exchange) != nil
        case .stale: true
        case .overloaded: false
        }
    }

    /// No reply will come.
    mutating func giveUp(_ id: ExchangeID, _ now: MonotonicTime) {
        let exchange = exchanges[id]
        end(id, .failed(wasSent: exchange.wasSent))
        guard exchange.hasWaitedInVain, !exchange.isProbe else { return }
        if health.hasWaitedInVain(since: exchange.start, until: now) {
            actions.append(.healthHasChanged)
            actions.append(.resolve)
        }
    }

    /// Tells how an exchange ended, and frees its slot.
    mutating func end(_ id: ExchangeID, _ ending: ExchangeEnding) {
        if exchanges[id].isWaiting { waitingCount -= 1 }
        if exchanges[id].isProbe { probeCount -= 1 }
        exchanges[id] = ExchangeRecord()
        actions.append(.finish(id, ending))
    }

    /// Closes a connection and frees its slot.
    mutating func close(_ id: ConnectionID) {
        let slot = Int(id.slot)
        idle.remove(id.slot)
        if !connections[slot].isForProbe { connectionCount -= 1 }
        connections[slot].isOpen = false
        connections[slot].exchange = -1
        freeConnections.append(id.slot)
        actions.append(.close(id))
    }
}
