import Basics

#if canImport(KVSServer)
    @testable import KVSServer
#endif

/// What the core does, and whether it may.
extension Simulation {
    /// Hands an event to the driver. From within one of the driver's calls it only stands in line.
    func drive(_ event: ForwardingEvent) {
        let (outerDepth, outerCalls) = (depth, calls)
        if isTraced { trace("> \(event)") }
        guard enterDriver() else {
            driver.handle(event)
            if depth != outerDepth || calls != outerCalls {
                violate("no event is handled inside another one")
            }
            return
        }
        driver.handle(event)
        leaveDriver()
    }

    /// - Returns: Whether the driver is called with an empty stack.
    func enterDriver() -> Bool {
        guard !isDriving else { return false }
        isDriving = true
        calls = 0
        return true
    }

    func leaveDriver() {
        isDriving = false
        checkTurn()
    }

    /// - Returns: Whether the schedule goes on.
    private func enter(_ call: @autoclosure () -> String) -> Bool {
        calls += 1
        if isTraced { trace("< \(call())") }
        if depth > 0 { violate("the world is not called inside one of its calls") }
        if calls > Self.callsPerTurn { violate("a turn has a bounded amount of work") }
        depth += 1
        return violation == nil
    }

    private func leave() { depth -= 1 }

    func connect(_ id: ConnectionID, toAddress index: Int, for slot: ExchangeID) {
        defer { leave() }
        guard enter("connect \(id.slot).\(id.generation) to \(index) for \(slot)") else { return }
        let exchange = checkBegin(slot)
        guard exchange >= 0 else { return }
        guard knownAddresses.indices.contains(index) else {
            violate("an address is one of those that are known")
            return
        }
        let number = connections.count
        let machine = knownAddresses[index]
        let isForProbe = exchanges[exchange].isProbe
        connections.append(
            SimulatedConnection(
                id: id,
                machine: machine,
                silences: silences,
                start: now,
                exchange: exchange,
                isForProbe: isForProbe
            )
        )
        while connectionOfSlot.count <= Int(id.slot) { connectionOfSlot.append(-1) }
        let old = connectionOfSlot[Int(id.slot)]
        if old >= 0, connections[old].isOpen { violate("a slot has one connection") }
        connectionOfSlot[Int(id.slot)] = number
        exchanges[exchange].connection = number
        openConnections += 1
        if isForProbe { openForProbes += 1 }
        beginConnecting(number, to: machine)
    }

    func send(_ slot: ExchangeID, on id: ConnectionID) {
        defer { leave() }
        guard enter("send \(slot) on \(id.slot).\(id.generation)") else { return }
        let exchange = checkBegin(slot)
        guard exchange >= 0, let number = connection(id) else {
            violate("a request is sent on a connection that is open")
            return
        }
        checkReuse(of: number)
        connections[number].exchange = exchange
        connections[number].bytesHaveLeft = false
        exchanges[exchange].connection = number
        if connections[number].endArrives <= now {
            drive(.failed(id, .stale))
        } else {
            transmit(number)
        }
    }

    func close(_ id: ConnectionID) {
        defer { leave() }
        guard enter("close \(id.slot).\(id.generation)") else { return }
        guard let number = connection(id) else {
            violate("a connection is closed once")
            return
        }
        connections[number].isOpen = false
        openConnections -= 1
        if connections[number].isForProbe { openForProbes -= 1 }
        let exchange = connections[number].exchange
        connections[number].exchange = -1
        if exchange >= 0 {
            exchanges[exchange].connection = -1
            if exchange < firstWaiting { firstWaiting = exchange }
        }
    }

    func finish(_ slot: ExchangeID, _ ending: ExchangeEnding) {
        defer { leave() }
        guard enter("finish \(slot) \(ending)") else { return }
        guard let number = exchange(inSlot: slot) else {
            violate("each exchange ends once")
            return
        }
        checkEnding(of: number, ending)
        exchanges[number].isActive = false
        exchanges[number].ending = ending
        exchangeOfSlot[slot] = -1
        // The next one may come into the slot at once.
        freeSlots.append(slot)
        activeExchanges -= 1
        let connection = exchanges[number].connection
        if connection >= 0 {
            exchanges[number].connection = -1
            connections[connection].exchange = -1
            if connections[connection].isForProbe {
                // The connection is one as all others are, or is closed within this turn.
                connections[connection].isForProbe = false
                openForProbes -= 1
            }
        }
        if exchanges[number].isProbe {
            activeProbes -= 1
        } else {
            tellLater(number)
        }
    }

    func sendProbe() {
        defer { leave() }
        guard enter("probe") else { return }
        if isClosed { violate("nobody probes after the end") }
        if silentSince == nil { violate("a main that is not silent is not probed") }
        if scenario.otherLoopProbes {
            guard otherLoopHasHeard else { return }
            lastEvidence = now
            drive(.answered)
        } else {
            submit(client: -1, isWrite: false, start: now, time: scenario.limits.probeTime)
        }
    }

    func resolve() {
        defer { leave() }
        guard enter("resolve") else { return }
        lookUp()
    }

    func healthHasChanged(_ state: MainHealth.State) {
        defer { leave() }
        guard enter("health is \(state)") else { return }
        checkHealth(state)
    }

    func takeTurnLater() {
        guard !isTurnScheduled else { return }
        isTurnScheduled = true
        // Sockets are looked at in between.
        append(.turn, after: random.chance(50) ? .zero : random.span(0, 1))
    }

    func turnHasEnded() {}

    func setTimer(_ time: MonotonicTime) {
        if isTraced { trace("< timer at \((time - Self.start).inMilliseconds)") }
        if let timerTime, timerTime <= time { return }
        timerTime = time
        timerNumber += 1
        let late = random.span(upTo: scenario.lateness)
        queue.append(.timer(timerNumber), at: max(time, now) + late)
    }

    /// The open connection of that name.
    private func connection(_ id: ConnectionID) -> Int? {
        guard connectionOfSlot.indices.contains(Int(id.slot)) else { return nil }
        let number = connectionOfSlot[Int(id.slot)]
        guard number >= 0, connections[number].id == id, connections[number].isOpen else {
            return nil
        }
        return number
    }

    func exchange(inSlot slot: ExchangeID) -> Int? {
        guard exchangeOfSlot.indices.contains(slot), exchangeOfSlot[slot] >= 0 else { return nil }
        return exchangeOfSlot[slot]
    }
}
