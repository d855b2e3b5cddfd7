import Basics

#if canImport(KVSServer)
    @testable import KVSServer
#endif

/// What happens at the main, on the way to it, and to its name.
extension Simulation {
    var halfTrip: TimeSpan { TimeSpan(nanoseconds: scenario.roundTrip.nanoseconds / 2) }

    func handleElsewhere(_ event: SimulatedEvent) {
        switch event {
        case .connectionArrives(let number): connectionArrives(number)
        case .requestArrives(let number, let exchange): requestArrives(number, exchange)
        case .replyLeaves(let number, let uses): replyLeaves(number, uses)
        case .mainClosesIdle(let number, let uses):
            if connections[number].uses == uses, !connections[number].isBusyAtMain {
                closeIdle(number)
            }
        case .machineChanges(let machine, let state, let isRestart):
            change(machine, to: state, isRestart: isRestart)
        case .nameChanges: changeName()
        case .mustBeNoticed: checkNoticed()
        default: break
        }
    }

    // MARK: - Connecting

    func beginConnecting(_ number: Int, to machine: Int) {
        let id = connections[number].id
        if random.chance(scenario.localFailurePercent) || machines[machine].state == .noRoute {
            drive(.failed(id, .local))
        } else if machines[machine].state == .refusing, scenario.refusesAtOnce {
            lastEvidence = now
            drive(.failed(id, .refused))
        } else {
            append(.connectionArrives(number), after: halfTrip)
        }
    }

    private func connectionArrives(_ number: Int) {
        let machine = connections[number].machine
        switch machines[machine].state {
        case .serving, .stopped:
            connections[number].isOpenAtMain = true
            connections[number].process = machines[machine].process
            append(.connected(number), after: halfTrip)
        case .refusing: append(.refused(number), after: halfTrip)
        case .gone, .noRoute:
            if let span = scenario.unreachableAfter { append(.unreachable(number), after: span) }
        }
    }

    // MARK: - Requests and replies

    private func requestArrives(_ number: Int, _ exchange: Int) {
        let machine = connections[number].machine
        switch machines[machine].state {
        case .gone, .noRoute:
            // It comes through later, or has been given up by then.
            if random.chance(50) { machines[machine].held.append((number, exchange)) }
        case .stopped: machines[machine].held.append((number, exchange))
        case .refusing: append(.ended(number), after: halfTrip)
        case .serving:
            let isOpen =
                connections[number].isOpenAtMain
                && connections[number].process == machines[machine].process
            // What comes after the main's end of a connection is lost.
            guard isOpen else {
                append(.ended(number), after: halfTrip)
                return
            }
            connections[number].uses += 1
            execute(exchange)
            answer(number, exchange)
        }
    }

    private func answer(_ number: Int, _ exchange: Int) {
        connections[number].isBusyAtMain = true
        guard !exchanges[exchange].isProbe, random.chance(scenario.badReplyPercent) else {
            let span = random.span(upTo: scenario.serviceTime)
            append(.replyLeaves(number, uses: connections[number].uses), after: span)
            return
        }
        switch random.below(7) {
        case 0: append(.ended(number), after: halfTrip)
        case 1:
            append(.bytesHaveCome(number), after: halfTrip)
            append(.ended(number), after: halfTrip + random.span(0, 20))
        case 2:
            // The main answers others.
            if scenario.otherLoopHears { append(.otherLoopHears, after: random.span(0, 600)) }
        case 3:
            for drop in 1...random.number(2, 8) {
                append(.bytesHaveCome(number), after: halfTrip + .milliseconds(150) * Int64(drop))
            }
        case 4: append(.overloaded(number), after: halfTrip)
        // The kernel has found out that nobody is there any more.
        case 5: append(.unreachable(number), after: random.span(100, 900))
        default:
            let span = random.span(upTo: scenario.forwardTime * 2)
            append(.replyLeaves(number, uses: connections[number].uses), after: span)
        }
    }

    private func replyLeaves(_ number: Int, _ uses: Int) {
        let machine = connections[number].machine
        guard machines[machine].state == .serving, connections[number].isOpenAtMain,
            connections[number].uses == uses,
            connections[number].process == machines[machine].process
        else { return }
        connections[number].isBusyAtMain = false
        connections[number].replyIsLast = random.chance(scenario.lastReplyPercent)
        connections[number].replyKeepsFor = scenario.keepsFor
        append(.replied(number), after: halfTrip)
        if connections[number].replyIsLast {
            connections[number].isOpenAtMain = false
        } else {
            connections[number].closesAt = now + scenario.keepsReally
            append(.mainClosesIdle(number, uses: uses), after: scenario.keepsReally)
        }
    }

    private func closeIdle(_ number: Int) {
        let machine = connections[number].machine
        // A stopped main does it when it goes on.
        guard connections[number].isOpenAtMain, machines[machine].state != .stopped,
            connections[number].process == machines[machine].process
        else { return }
        connections[number].isOpenAtMain = false
        guard machines[machine].state == .serving else { return }
        connections[number].endArrives = now + halfTrip
        append(.ended(number), after: halfTrip)
    }

    // MARK: - Changes

    private func change(_ machine: Int, to state: SimulatedMachine.State, isRestart: Bool) {
        work -= 1
        machines[machine].state = state
        machines[machine].stateSince = now
        if isRestart { machines[machine].process += 1 }
        switch state {
        case .serving:
            if random.chance(50) { closeOverdue(at: machine) }
            let held = machines[machine].held
            machines[machine].held = []
            for (number, exchange) in held { requestArrives(number, exchange) }
            closeOverdue(at: machine)
            if scenario.otherLoopHears { append(.otherLoopHears, after: random.span(0, 100)) }
        case .refusing:
            machines[machine].held = []
            for number in connections.indices
            where connections[number].machine == machine && connections[number].isOpenAtMain {
                connections[number].isOpenAtMain = false
                append(.ended(number), after: halfTrip)
            }
        case .stopped, .gone:
            if scenario.otherLoopFindsSilence {
                let waited = scenario.limits.connectTime + scenario.roundTrip
                append(.otherLoopFindsSilence, after: waited + random.span(0, 300))
            }
        case .noRoute: break
        }
        noticeLater()
    }

    private func closeOverdue(at machine: Int) {
        for number in connections.indices
        where connections[number].machine == machine && connections[number].closesAt <= now
            && !connections[number].isBusyAtMain
        {
            closeIdle(number)
        }
    }

    // MARK: - The name

    private func changeName() {
        work -= 1
        nameAddresses = scenario.newAddresses
        nameSince = now
        noticeLater()
    }

    func lookUp() {
        // Whoever asks too soon must ask again.
        guard !isLookingUp, lastLookup.map({ $0 + Self.lookupPause <= now }) ?? true else { return }
        isLookingUp = true
        lastLookup = now
        // The answer is as old as the question.
        lookupAnswer = nameAddresses
        append(.lookedUp, after: scenario.lookupTime)
    }

    func nameIsLookedUp() {
        isLookingUp = false
        guard lookupAnswer != knownAddresses else { return }
        if scenario.kind == .rough, random.chance(3) {
            // A server that knows no answer.
            drive(.resolved(addresses: 0))
            return
        }
        knownAddresses = lookupAnswer
        drive(.resolved(addresses: knownAddresses.count))
    }
}
