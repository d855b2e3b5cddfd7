import Basics

#if canImport(KVSServer)
    @testable import KVSServer
    import TestSupport
#endif

/// How scenarios are drawn.
extension Scenario {
    init(drawnWith random: inout SeededGenerator) {
        let roll = random.below(2000)
        kind =
            switch roll {
            case 0: .crowd
            case 1..<800: .healthy
            case 800..<1300: .rough
            default: .away
            }
        drawLoop(&random)
        if roll < 2 { drawManyClients(&random) } else { drawClients(&random) }
        drawKeeping(&random)
        switch kind {
        case .healthy: drawHealthy(&random)
        case .rough: drawRough(&random)
        case .away: drawAway(&random)
        case .crowd: drawCrowd(&random)
        }
        drawPauses(&random)
        if kind != .healthy, random.chance(15) { closesAt = random.span(0, 3000) }
    }

    private mutating func drawLoop(_ random: inout SeededGenerator) {
        let connections = [1, 2, 3, 8, 4000]
        limits.connections = connections[random.below(connections.count)]
        switch random.below(4) {
        case 0: roundTrip = .zero
        case 1: roundTrip = random.span(0, 5)
        case 2: roundTrip = random.span(5, 80)
        default: roundTrip = random.span(80, 300)
        }
        if random.chance(70) { lateness = random.span(0, 4) }
        if random.chance(30) {
            busyPercent = random.number(1, 20)
            busyTime = random.span(0, 200)
        }
        leavePercent = random.chance(30) ? 10 : 0
        lastReplyPercent = random.chance(30) ? random.number(1, 60) : 0
        serviceTime = random.chance(50) ? random.span(0, 60) : .zero
        if random.chance(20) { limits.idleTime = random.span(500, 30_000) }
    }

    private mutating func drawClients(_ random: inout SeededGenerator) {
        let writePercent = random.chance(50) ? 50 : random.number(0, 100)
        for _ in 0..<random.number(1, 5) {
            let client = SimulatedClient(
                remaining: random.number(1, 5),
                depth: random.chance(60) ? 1 : random.number(2, 4),
                pause: .zero,
                writePercent: writePercent
            )
            clients.append(client)
        }
        beginning = random.chance(40) ? .zero : random.span(0, 500)
    }

    private mutating func drawManyClients(_ random: inout SeededGenerator) {
        for _ in 0..<random.number(20, 60) {
            let depth = random.number(5, 20)
            let client = SimulatedClient(
                remaining: depth + random.number(0, 5),
                depth: depth,
                pause: .zero,
                writePercent: 50
            )
            clients.append(client)
        }
        beginning = random.chance(50) ? .zero : random.span(0, 20)
    }

    private mutating func drawKeeping(_ random: inout SeededGenerator) {
        if random.chance(70) {
            let span =
                random.chance(60) ? random.span(1000, 5000) : random.span(1000, 75_000)
            (keepsFor, keepsReally) = (span, span)
        }
    }

    /// Clients rest for about as long as connections are kept: that is where faults are.
    private mutating func drawPauses(_ random: inout SeededGenerator) {
        for index in clients.indices where random.chance(50) {
            let pause: TimeSpan
            if let keepsFor, kind != .crowd, random.chance(60) {
                let margin = random.chance(50) ? TimeSpan.zero : .seconds(1) + roundTrip * 3
                pause = max(
                    keepsFor - margin - random.span(upTo: roundTrip + .milliseconds(50)),
                    .zero
                )
            } else {
                pause = random.span(0, 800)
            }
            clients[index] = SimulatedClient(
                remaining: clients[index].remaining,
                depth: clients[index].depth,
                pause: pause,
                writePercent: clients[index].writePercent
            )
        }
    }

    /// Whatever both sides' times are, and however many addresses are dead.
    private mutating func drawHealthy(_ random: inout SeededGenerator) {
        leavePercent = 0
        limits.connectTime = .milliseconds(500) + roundTrip * 2 + busyTime * 2
        if random.chance(30) { drawDeadAddresses(&random) }
        if random.chance(10) {
            nameIsKnown = false
            lookupTime = random.span(upTo: limits.connectTime - .milliseconds(50) - busyTime * 2)
        }
        let exchange = roundTrip * 3 + serviceTime + busyTime * 2 + lateness
        let depth = clients.reduce(0) { $0 + $1.depth }
        let rounds = Int64(depth / min(limits.connections, depth) + 1)
        forwardTime =
            .seconds(1) + limits.connectTime * Int64(machines.count + 1) + exchange * rounds
    }

    private mutating func drawDeadAddresses(_ random: inout SeededGenerator) {
        let dead: [SimulatedMachine.State] = [.gone, .refusing, .noRoute]
        for _ in 0..<random.number(1, 3) { machines.append(dead[random.below(dead.count)]) }
        addresses = Array(machines.indices)
        addresses.swapAt(0, random.below(addresses.count))
        refusesAtOnce = random.chance(30)
        if random.chance(50) { unreachableAfter = random.span(0, 400) }
    }

    private mutating func drawRough(_ random: inout SeededGenerator) {
        limits.connectTime = random.span(50, 1000) + roundTrip
        forwardTime = limits.connectTime + random.span(0, 1500)
        if random.chance(40) { limits.waiting = random.number(0, 4) }
        localFailurePercent = random.chance(30) ? random.number(1, 80) : 0
        sendFailurePercent = random.chance(50) ? random.number(1, 40) : 0
        badReplyPercent = random.chance(70) ? random.number(1, 80) : 0
        otherLoopHears = random.chance(20)
        if random.chance(10) { busyTime = random.span(0, 2000) }
        if random.chance(40) { drawDeadAddresses(&random) }
        if random.chance(15) {
            nameIsKnown = false
            lookupTime = random.span(0, 1500)
        }
        if keepsFor == nil { keepsReally = random.span(300, 10_000) }
        if random.chance(30) { drawChanges(&random) }
    }

    private mutating func drawAway(_ random: inout SeededGenerator) {
        limits.connectTime = random.span(30, 600) + roundTrip * 2 + busyTime * 2
        forwardTime = limits.connectTime + random.span(0, 1000) + roundTrip
        if random.chance(20) { limits.waiting = random.number(0, 4) }
        if random.chance(30) { unreachableAfter = random.span(0, 600) }
        refusesAtOnce = random.chance(20)
        otherLoopHears = random.chance(10)
        otherLoopProbes = random.chance(10)
        otherLoopFindsSilence = random.chance(20)
        if random.chance(20) { drawDeadAddresses(&random) }
        if random.chance(15) { badReplyPercent = random.number(1, 20) }
        if keepsFor == nil, random.chance(50) { keepsReally = random.span(300, 10_000) }
        drawChanges(&random)
        if random.chance(25) { drawMove(&random) }
    }

    private mutating func drawChanges(_ random: inout SeededGenerator) {
        var time = random.chance(20) ? TimeSpan.zero : random.span(0, 800)
        for _ in 0..<(random.chance(70) ? 1 : 2) {
            let state: SimulatedMachine.State =
                switch random.below(5) {
                case 0, 1: .stopped
                case 2, 3: .gone
                default: .refusing
                }
            changes.append(.init(time: time, machine: 0, state: state))
            let isLong = random.below(100) == 0
            time = time + (isLong ? random.span(10_000, 14_000) : random.span(50, 2500))
            let isRestart = state == .refusing || state == .gone && random.chance(40)
            changes.append(.init(time: time, machine: 0, state: .serving, isRestart: isRestart))
            time = time + random.span(0, 1500)
        }
    }

    /// The main leaves its machine for good, and runs on another one.
    private mutating func drawMove(_ random: inout SeededGenerator) {
        guard let first = changes.first else { return }
        changes = [first]
        let new = machines.count
        machines.append(.refusing)
        let time = first.time + random.span(0, 600)
        changes.append(.init(time: time, machine: new, state: .serving))
        movesAt = first.time + random.span(0, 1500)
        newAddresses = random.chance(70) ? [new] : [0, new]
        lookupTime = random.chance(80) ? random.span(0, 30) : random.span(0, 600)
    }

    /// So many that a stack of calls, or a turn without bounds, would show.
    private mutating func drawCrowd(_ random: inout SeededGenerator) {
        limits.connectTime = .milliseconds(200) + roundTrip
        forwardTime = limits.connectTime + random.span(0, 600)
        if random.chance(50) { localFailurePercent = random.number(50, 100) }
        let states: [SimulatedMachine.State] = [.serving, .stopped, .gone, .refusing, .noRoute]
        machines = [states[random.below(states.count)]]
        refusesAtOnce = random.chance(50)
        unreachableAfter = random.chance(50) ? random.span(0, 50) : nil
        serviceTime = .zero
        guard random.chance(30) else { return }
        // Connections to addresses that the name does not mean any more.
        addresses = [0, 0, 0]
        newAddresses = [0]
        movesAt = random.span(0, random.chance(50) ? 20 : 300)
    }
}
