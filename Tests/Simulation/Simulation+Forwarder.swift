import Basics

#if canImport(KVSServer)
    @testable import KVSServer
#endif

/// What happens at the forwarder: its sockets, its loop, its clients.
extension Simulation {
    func handleAtForwarder(_ event: SimulatedEvent) {
        switch event {
        case .connected(let number): isConnected(number)
        case .bytesHaveCome(let number): bytesHaveCome(on: number)
        case .replied(let number): hasReplied(number)
        case .ended(let number): hasFailed(number, .lost)
        case .refused(let number): hasFailed(number, .refused)
        case .unreachable(let number): hasFailed(number, .unreachable)
        case .overloaded(let number): hasFailed(number, .overloaded)
        case .timer(let number): timerGoesOff(number)
        case .turn: takeTurn()
        case .clientsAreTold: tellClients()
        case .clientActs(let client): act(client)
        case .lookedUp: nameIsLookedUp()
        case .otherLoopHears: otherLoopHears()
        case .otherLoopFindsSilence: otherLoopFindsSilence()
        case .processEnds: close()
        default: break
        }
    }

    // MARK: - Other loops

    private func otherLoopHears() {
        lastEvidence = now
        lastAnswerElsewhere = now
        // Where it is no news to the other loop, it tells nobody.
        if silentSince == nil, random.chance(50) { return }
        // The loop that tells of it is the other one, or this one for a prober that is nobody's.
        guard random.chance(50) else {
            drive(.answered)
            return
        }
        if silentSince != nil { checkHealth(.present) }
        drive(.answeredElsewhere)
    }

    /// Another loop's request has waited in vain.
    private func otherLoopFindsSilence() {
        guard !isClosed, nameAddresses == knownAddresses else { return }
        let waited = scenario.limits.connectTime + scenario.roundTrip
        let isSilent = knownAddresses.allSatisfy {
            let machine = machines[$0]
            return [.gone, .stopped].contains(machine.state) && machine.stateSince + waited <= now
        }
        let isRecent = lastEvidence.map { $0 + waited > now } ?? false
        guard isSilent, !isRecent else { return }
        if silentSince == nil { checkHealth(.silent) }
        drive(.silentElsewhere)
    }

    // MARK: - Sockets

    private func isConnected(_ number: Int) {
        guard connections[number].isOpen else { return }
        connections[number].isConnected = true
        drive(.connected(connections[number].id))
        if connections[number].isOpen { transmit(number) }
    }

    /// Sends the request of a connection's exchange, as much of it as the kernel takes.
    func transmit(_ number: Int) {
        let id = connections[number].id
        if random.chance(scenario.sendFailurePercent) {
            if random.chance(50) { bytesLeave(on: number) }
            if random.chance(50) {
                lastEvidence = now
                drive(.failed(id, .lost))
            } else {
                append(.ended(number), after: scenario.roundTrip)
            }
            return
        }
        bytesLeave(on: number)
        let exchange = connections[number].exchange
        append(.requestArrives(number, exchange: exchange), after: halfTrip)
    }

    private func bytesHaveCome(on number: Int) {
        guard connections[number].isOpen else { return }
        lastEvidence = now
        guard enterDriver() else { return }
        driver.bytesHaveCome()
        leaveDriver()
    }

    private func hasReplied(_ number: Int) {
        bytesHaveCome(on: number)
        let connection = connections[number]
        guard connection.isOpen, connection.exchange >= 0 else { return }
        exchanges[connection.exchange].hasReply = true
        drive(
            .replied(
                connection.id,
                isReusable: !connection.replyIsLast,
                keepsFor: connection.replyKeepsFor
            )
        )
    }

    private func hasFailed(_ number: Int, _ failure: ConnectionFailure) {
        let connection = connections[number]
        guard connection.isOpen else { return }
        switch failure {
        case .refused, .lost: lastEvidence = now
        case .overloaded:
            lastEvidence = now
            if connection.exchange >= 0 { exchanges[connection.exchange].hadNoRoom = true }
        case .unreachable, .local, .stale: break
        }
        drive(.failed(connection.id, failure))
    }

    // MARK: - The loop

    private func timerGoesOff(_ number: Int) {
        guard number == timerNumber, timerTime != nil else { return }
        timerTime = nil
        guard enterDriver() else { return }
        driver.timerHasGoneOff()
        leaveDriver()
    }

    private func takeTurn() {
        isTurnScheduled = false
        guard enterDriver() else { return }
        driver.takeTurn()
        leaveDriver()
    }

    /// The loop's queue: whoever waits is told in a later turn.
    func tellLater(_ number: Int) {
        toldLater.append(number)
        guard !isTellingScheduled else { return }
        isTellingScheduled = true
        append(.clientsAreTold, after: .zero)
    }

    private func tellClients() {
        let count = min(toldLater.count, ForwardingCore.workPerTurn)
        let told = toldLater.prefix(count)
        toldLater.removeFirst(count)
        for number in told { tell(number) }
        isTellingScheduled = !toldLater.isEmpty
        if isTellingScheduled { append(.clientsAreTold, after: .zero) }
    }

    // MARK: - Clients

    /// A client has its answer, and may send its next request at once.
    func tell(_ number: Int) {
        if depth > 0 || isDriving { violate("a client is told with an empty stack") }
        guard violation == nil else { return }
        if exchanges[number].isTold { violate("a client is told once") }
        exchanges[number].isTold = true
        work -= 1
        let client = exchanges[number].client
        clients[client].outstanding -= 1
        if random.chance(scenario.leavePercent) {
            work -= clients[client].remaining
            clients[client].remaining = 0
        }
        guard clients[client].remaining > 0 else { return }
        if clients[client].pause == .zero {
            submit(from: client)
        } else {
            append(.clientActs(client), after: clients[client].pause)
        }
    }

    private func act(_ client: Int) {
        // Only what is pipelined comes after the end.
        guard !isClosed else { return }
        while clients[client].outstanding < clients[client].depth, clients[client].remaining > 0 {
            submit(from: client)
        }
    }

    private func submit(from client: Int) {
        clients[client].remaining -= 1
        clients[client].outstanding += 1
        let isWrite = random.chance(clients[client].writePercent)
        if silentSince != nil { lastAsked = now }
        submit(client: client, isWrite: isWrite, start: now, time: scenario.forwardTime)
    }

    func submit(client: Int, isWrite: Bool, start: MonotonicTime, time: TimeSpan) {
        let slot = freeSlots.popLast() ?? exchangeOfSlot.count
        if slot == exchangeOfSlot.count { exchangeOfSlot.append(-1) }
        exchangeOfSlot[slot] = exchanges.count
        let exchange = SimulatedExchange(
            slot: slot,
            client: client,
            isWrite: isWrite,
            deadline: start + time
        )
        exchanges.append(exchange)
        activeExchanges += 1
        if exchange.isProbe { activeProbes += 1 }
        drive(
            .submit(
                slot,
                isProbe: exchange.isProbe,
                isWrite: isWrite,
                start: start,
                deadline: exchange.deadline
            )
        )
    }
}
