import Basics

/// What is done in turns: the line, what is overdue, the end.
extension ForwardingCore {
    /// When ``ForwardingEvent/timer`` is due at the latest; nil where nothing waits for a time.
    @inline(__always)
    var nextTimer: MonotonicTime? {
        let probe = isClosing ? nil : health.nextProbe
        var next = min(earliestDeadline, probe ?? .distantFuture)
        if addressCount == 0, waitingCount > 0 { next = min(next, nextResolution) }
        return next == .distantFuture ? nil : next
    }

    mutating func timeHasPassed(_ now: MonotonicTime) {
        probeIfDue(now)
        if waitingCount > 0 { resolveIfDue(now) }
        if earliestDeadline <= now { endOverdue(now) }
    }

    /// Ends what is overdue, as much of it as a turn may take. The rest stays due.
    private mutating func endOverdue(_ now: MonotonicTime) {
        var earliest = MonotonicTime.distantFuture
        var left = Self.workPerTurn
        for id in exchanges.indices where exchanges[id].isActive {
            let due = due(of: exchanges[id])
            if due > now {
                earliest = min(earliest, due)
            } else if left == 0 {
                earliest = now
            } else {
                left -= 1
                hasTimedOut(id, now)
                if exchanges[id].isActive { earliest = min(earliest, self.due(of: exchanges[id])) }
            }
        }
        while idle.oldest >= 0 {
            let connection = connections[Int(idle.oldest)]
            guard connection.idleDeadline <= now else {
                earliest = min(earliest, connection.idleDeadline)
                break
            }
            guard left > 0 else {
                earliest = now
                break
            }
            left -= 1
            close(connection.id(idle.oldest))
        }
        earliestDeadline = earliest
    }

    /// When something must happen to an exchange.
    func due(of exchange: ExchangeRecord) -> MonotonicTime {
        guard exchange.connection >= 0 else {
            guard addressCount == 0 else { return exchange.deadline }
            // A name can begin to mean something, for as long as connecting may take.
            return min(exchange.deadline, exchange.start + limits.connectTime)
        }
        return min(exchange.deadline, connections[Int(exchange.connection)].connectDeadline)
    }

    /// The time of an exchange is over, or that of its connecting to one address.
    private mutating func hasTimedOut(_ id: ExchangeID, _ now: MonotonicTime) {
        let exchange = exchanges[id]
        guard exchange.connection >= 0 else {
            // It was never on its way: that says nothing about the main.
            giveUp(id, now)
            return
        }
        let connection = connections[Int(exchange.connection)]
        if connection.connectDeadline <= now {
            hasFailed(connection.id(exchange.connection), .unreachable, now)
        } else {
            counts.timedOut += 1
            close(connection.id(exchange.connection))
            exchanges[id].hasWaitedInVain = true
            giveUp(id, now)
        }
    }

    /// Whether there is nothing to wait for and nothing to close.
    var isEmpty: Bool { waitingCount == 0 && !connections.contains { $0.isOpen } }

    /// Whether ``work(at:)`` may find something to do.
    var hasWork: Bool {
        if !waiting.isEmpty || isClosing { return true }
        guard idle.oldest >= 0 else { return false }
        return connections[Int(idle.oldest)].silences != health.silences
    }

    /// Does what has become possible, or necessary, for those that wait: first come, first served.
    ///
    /// - Returns: Whether there is more to do, in another turn.
    mutating func work(at now: MonotonicTime) -> Bool {
        var left = Self.workPerTurn
        while left > 0, let next = waiting.first {
            let id = next.exchange
            guard exchanges[id].number == next.number, exchanges[id].isWaiting else {
                // It has ended meanwhile.
                waiting.removeFirst()
                left -= 1
                continue
            }
            if isClosing || health.state == .silent {
                waiting.removeFirst()
                end(id, .failed(wasSent: exchanges[id].wasSent))
            } else if exchanges[id].deadline <= now {
                // Its timer is late: whoever waited for it does not any more.
                waiting.removeFirst()
                giveUp(id, now)
            } else if mayBegin {
                waiting.removeFirst()
                exchanges[id].isWaiting = false
                waitingCount -= 1
                begin(id, now)
            } else {
                return closeUntrusted()
            }
            left -= 1
        }
        if isClosing { left -= closeAll(atMost: left) }
        return closeUntrusted() || left <= 0
    }

    /// Closes connections from before the last silence, oldest first, a few at a time.
    ///
    /// - Returns: Whether there are more.
    private mutating func closeUntrusted() -> Bool {
        var left = Self.workPerTurn
        while idle.oldest >= 0 {
            let connection = connections[Int(idle.oldest)]
            guard connection.silences != health.silences else { return false }
            guard left > 0 else { return true }
            left -= 1
            close(connection.id(idle.oldest))
        }
        return false
    }

    /// The end: exchanges under way fail, and all connections are closed.
    private mutating func closeAll(atMost limit: Int) -> Int {
        var done = 0
        for slot in connections.indices where connections[slot].isOpen && done < limit {
            done += 1
            let exchange = connections[slot].exchange
            if exchange >= 0 { end(exchange, .failed(wasSent: exchanges[exchange].wasSent)) }
            close(connections[slot].id(Int32(slot)))
        }
        return done
    }
}
