import Basics

#if canImport(KVSServer)
    @testable import KVSServer
#endif

/// The promises, and where they are checked.
extension Simulation {
    /// An exchange is about to be on a connection.
    ///
    /// - Returns: The exchange; -1 where there is none.
    func checkBegin(_ slot: ExchangeID) -> Int {
        guard let number = exchange(inSlot: slot) else {
            violate("nobody's request is sent after its end")
            return -1
        }
        if isClosed, driver.core.isClosing { violate("nothing is begun after the end") }
        if exchanges[number].connection >= 0 {
            violate("a request is on one connection at once")
        }
        if now >= exchanges[number].deadline { violate("nothing is begun after its deadline") }
        guard !exchanges[number].isProbe else { return number }
        while firstWaiting < number {
            let earlier = exchanges[firstWaiting]
            if earlier.isActive, earlier.connection < 0, !earlier.isProbe {
                violate("first come, first served: \(number) overtakes \(firstWaiting)")
                break
            }
            firstWaiting += 1
        }
        return number
    }

    /// A request is about to be sent on a connection that has served others.
    func checkReuse(of number: Int) {
        let connection = connections[number]
        if !connection.isConnected { violate("a request is sent once a connection stands") }
        if connection.exchange >= 0 { violate("a connection carries one request at once") }
        if connection.silences != silences {
            violate("no connection from before the last silence is asked")
        }
        if let keepsFor = connection.replyKeepsFor {
            // The core counts from when it had the reply.
            let end = connection.closesAt - Self.start
            let late = scenario.roundTrip + scenario.busyTime + scenario.lateness
            let margin = TimeSpan.seconds(1) + scenario.roundTrip * 3
            if now - Self.start + margin - late > end {
                let span = keepsFor.inMilliseconds
                violate("no request is sent near the end of a connection's \(span) ms")
            }
        }
    }

    /// The kernel has taken bytes of the request on a connection.
    func bytesLeave(on number: Int) {
        driver.bytesHaveLeft(connections[number].id)
        guard !connections[number].bytesHaveLeft else { return }
        connections[number].bytesHaveLeft = true
        let exchange = connections[number].exchange
        exchanges[exchange].timesSent += 1
        let isWrite = exchanges[exchange].isWrite
        if exchanges[exchange].timesSent > (isWrite ? 1 : 2) {
            violate("a write is sent once, a read twice at most")
        }
    }

    /// A main executes a request.
    func execute(_ number: Int) {
        exchanges[number].timesExecuted += 1
        guard exchanges[number].isWrite else { return }
        if exchanges[number].timesExecuted > 1 { violate("no write is executed twice") }
        if exchanges[number].ending == .failed(wasSent: false) {
            violate("what is said not to be sent is never executed")
        }
    }

    func checkEnding(of number: Int, _ ending: ExchangeEnding) {
        let exchange = exchanges[number]
        if now > exchange.deadline + scenario.tick {
            violate("each exchange ends within its deadline and a tick")
        }
        switch ending {
        case .replied:
            if !exchange.hasReply { violate("a reply belongs to the exchange on its connection") }
        case .overloaded:
            if !exchange.hadNoRoom { violate("only what there was no room for is overloaded") }
        case .failed(let wasSent):
            if exchange.isWrite, wasSent != (exchange.timesSent > 0) {
                violate("a failed write says whether bytes of it have left")
            }
            if exchange.hasReply { violate("what has a reply does not fail") }
            if scenario.kind == .healthy, !exchange.isProbe {
                violate("a healthy main is never 'service is not available'")
            }
        }
    }

    func checkHealth(_ state: MainHealth.State) {
        switch state {
        case .silent:
            if silentSince != nil { violate("a silence begins once") }
            if scenario.kind == .healthy { violate("a healthy main is not taken for silent") }
            // Whoever began after the last answer has waited for at least as long, unless the kernel
            // knows better. Evidence of this instant may still stand in line.
            let least = min(scenario.limits.connectTime, scenario.forwardTime)
            let isKernelSilent = scenario.unreachableAfter == nil && scenario.badReplyPercent == 0
            if isKernelSilent, let lastEvidence, lastEvidence < now, lastEvidence + least > now {
                violate("a main that has just answered is not taken for silent")
            }
            silentSince = now
            lastAsked = now
            silences += 1
            noticeLater()
        case .present:
            guard let silence = silentSince else {
                violate("a silence ends once")
                return
            }
            if lastEvidence.map({ $0 < silence }) ?? true {
                violate("a silence ends when something has come from the main's address")
            }
            silentSince = nil
        }
    }

    /// After each call of the driver.
    func checkTurn() {
        guard violation == nil else { return }
        let core = driver.core
        if openConnections - openForProbes > scenario.limits.connections {
            violate("there are not more connections than the limit allows")
        }
        if core.connectionCount != openConnections - openForProbes {
            violate("the core counts its connections")
        }
        if activeProbes > ForwardingCore.maximumProbes { violate("probes are limited") }
        if (core.health.state == .silent) != (silentSince != nil) {
            violate("each change of the main's health is told")
        }
        guard !isTurnScheduled else { return }
        if core.waitingCount > 0 {
            if core.isClosing || core.health.state == .silent {
                violate("nobody waits for a main that is silent, or after the end")
            } else if core.addressCount > 0, core.connectionCount < scenario.limits.connections {
                violate("nobody waits where there is room")
            }
        }
        if core.nextTimer == nil, activeExchanges > 0 {
            violate("a timer runs while exchanges are under way")
        }
    }

    /// After the end, and all that it brings.
    func checkEnd() {
        let core = driver.core
        if exchanges.contains(where: { $0.isActive }) { violate("each exchange ends") }
        if exchanges.contains(where: { !$0.isTold && !$0.isProbe }) {
            violate("each client is told")
        }
        if openConnections != 0 { violate("no connection stays open after the end") }
        if core.waitingCount != 0 || core.connectionCount != 0 || core.probeCount != 0
            || core.idle.count != 0 || !core.waiting.isEmpty
        {
            violate("the core is empty after the end")
        }
    }

    // MARK: - The main's return

    /// How long the return of a main may go unnoticed.
    private var noticeBound: TimeSpan {
        let addresses = Int64(max(machines.count, knownAddresses.count))
        let isFresh = now < lastAsked + .seconds(9)
        let interval =
            isFresh ? driver.core.health.probeInterval : MainHealth.longProbeInterval
        let lookups = scenario.lookupBound + (scenario.movesAt == nil ? .zero : interval)
        let detour = scenario.otherLoopProbes ? interval : .zero
        return interval * (addresses + 2) + lookups + detour + scenario.roundTrip * 2
            + scenario.tick * 2
    }

    /// Whether another loop that probes has had an answer.
    var otherLoopHasHeard: Bool {
        let span = driver.core.health.probeInterval + scenario.roundTrip * 2
        return nameAddresses.contains {
            machines[$0].isResponsive && machines[$0].stateSince + span < now
        }
    }

    /// Something has changed: a silence must be over within the promised time, or not be right.
    func noticeLater() {
        guard scenario.kind == .away, scenario.badReplyPercent == 0 else { return }
        work += 1
        append(.mustBeNoticed, after: noticeBound + .milliseconds(1))
    }

    func checkNoticed() {
        work -= 1
        guard let silentSince, !isClosed else { return }
        let bound = noticeBound
        guard silentSince + bound < now, nameSince + bound < now else { return }
        for machine in nameAddresses
        where machines[machine].isResponsive && machines[machine].stateSince + bound < now {
            violate("a main that answers again is noticed in time")
        }
    }
}
