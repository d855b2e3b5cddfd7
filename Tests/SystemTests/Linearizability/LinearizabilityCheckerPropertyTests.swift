import TestSupport
import Testing

@Suite("Linearizability checker, on generated histories")
struct LinearizabilityCheckerPropertyTests {
    @Test("Agrees with trying every order, on short histories")
    func agreesWithBruteForce() {
        var random = SeededGenerator(seed: 1)
        var accepted = 0
        for _ in 0..<4000 {
            let history = arbitraryHistory(count: Int.random(in: 1...5, using: &random), &random)
            let verdict = LinearizabilityChecker().check(history)
            let expected = existsOrder(of: history, from: .absent)
            #expect((verdict == .linearizable) == expected, "\(history)")
            if expected { accepted += 1 }
        }
        // Both answers must occur often, else the comparison shows little.
        #expect((500...3500).contains(accepted))
    }

    @Test("Accepts what a register really answered, on long histories of many clients")
    func acceptsRealHistories() {
        for seed in 1...5 {
            let history = registerHistory(count: 300, clients: 6, seed: UInt64(seed))
            #expect(LinearizabilityChecker().check(history) == .linearizable, "seed \(seed)")
        }
    }

    @Test("Finds one read of an old value in a long history")
    func findsStaleReadInLongHistory() throws {
        var history = registerHistory(count: 300, clients: 6, seed: 7)
        let end = try #require(history.map(\.returned).filter { $0 < .max }.max())
        let first = try #require(history.first { $0.action.valuePut != nil && !$0.mayNotHappen })
        history.append(RegisterOperation(.put("last", replaced: nil), from: end + 1, to: end + 2))
        let stale = RegisterOperation(.get(first.action.valuePut), from: end + 3, to: end + 4)
        history.append(stale)
        #expect(LinearizabilityChecker().check(history) == .violation(stale))
    }

    /// Operations with random intervals and answers, right or wrong.
    private func arbitraryHistory(
        count: Int,
        _ random: inout SeededGenerator
    ) -> [RegisterOperation] {
        (0..<count).map { _ in
            let from = Int64.random(in: 0...20, using: &random)
            let to = from + Int64.random(in: 0...12, using: &random)
            let value = ["a", "b"].randomElement(using: &random) ?? "a"
            let other = ["a", "b"].randomElement(using: &random) ?? "a"
            let conditions: [WriteCondition] = [.holds(other), .exists, .isAbsent]
            let wanted = conditions.randomElement(using: &random) ?? .exists
            let condition = random.chance(50) ? wanted : nil
            let ttl = random.chance(50) ? Int64(random.number(1, 12)) : nil
            let isYes = Bool.random(using: &random)
            let put = RegisterOperation.Action.put(value, if: condition, ttl: ttl, replaced: nil)
            switch Int.random(in: 0..<9, using: &random) {
            case 0, 1: return RegisterOperation(put, from: from, to: to)
            case 2:
                return RegisterOperation(
                    .put(value, if: condition, ttl: ttl, replaced: isYes),
                    from: from,
                    to: to
                )
            case 3: return RegisterOperation(.get(value), from: from, to: to)
            case 4: return RegisterOperation(.get(value, expires: isYes), from: from, to: to)
            case 5: return RegisterOperation(.get(nil), from: from, to: to)
            case 6: return RegisterOperation(unknown: put, from: from, until: isYes ? to : .max)
            case 7:
                let present = isYes ? value : nil
                return RegisterOperation(.refused(wanted, present: present), from: from, to: to)
            default:
                return RegisterOperation(
                    .delete(if: condition, existed: isYes),
                    from: from,
                    to: to
                )
            }
        }
    }

    /// Something that takes effect once: an operation, or that what one has written goes.
    private enum Step {
        case operation(RegisterOperation)
        case expiry(RegisterOperation, Expiry)

        var start: Int64 {
            switch self {
            case .operation(let operation): operation.invoked
            case .expiry(_, let expiry): expiry.earliest
            }
        }

        var end: Int64 {
            switch self {
            case .operation(let operation): operation.returned
            case .expiry(_, let expiry): expiry.latest
            }
        }

        /// What nobody waits for.
        var mayNotHappen: Bool {
            switch self {
            case .operation(let operation): operation.mayNotHappen
            case .expiry(_, let expiry): expiry.latest == .max
            }
        }
    }

    private func existsOrder(of history: [RegisterOperation], from state: RegisterState) -> Bool {
        let expiries = history.compactMap { operation in
            operation.expiry.map { Step.expiry(operation, $0) }
        }
        return existsOrder(of: history.map(Step.operation) + expiries, from: state)
    }

    /// The definition itself: is there an order of the steps that keeps the order of time and that a
    /// register explains?
    private func existsOrder(of rest: [Step], from state: RegisterState) -> Bool {
        if rest.allSatisfy(\.mayNotHappen) { return true }
        for (index, step) in rest.enumerated() {
            var others = rest
            others.remove(at: index)
            if step.mayNotHappen, existsOrder(of: others, from: state) { return true }
            // What ended before this one began comes first, if it comes at all.
            guard !others.contains(where: { $0.end < step.start }),
                let next = effect(of: step, on: state, before: others)
            else { continue }
            if existsOrder(of: others, from: next) { return true }
        }
        return false
    }

    private func effect(
        of step: Step,
        on state: RegisterState,
        before others: [Step]
    ) -> RegisterState? {
        switch step {
        case .operation(let operation): return operation.apply(to: state)
        case .expiry(let writer, let expiry):
            // What is not written yet cannot go.
            let isToCome = others.contains { other in
                if case .operation(writer) = other { true } else { false }
            }
            if isToCome { return nil }
            return state.expiry == expiry ? .absent : state
        }
    }

    /// What clients record of a register that is right: each operation takes effect at one moment
    /// of its interval; some answers are lost, some unknown writes never happen, one crash.
    private func registerHistory(count: Int, clients: Int, seed: UInt64) -> [RegisterOperation] {
        var random = SeededGenerator(seed: seed)
        var free = [Int64](repeating: 0, count: clients)
        var planned: [(effect: Int64, from: Int64, to: Int64, kind: Int)] = []
        for _ in 0..<count {
            let client = Int.random(in: 0..<clients, using: &random)
            let from = free[client] + Int64.random(in: 1...10, using: &random)
            let effect = from + Int64.random(in: 1...20, using: &random)
            let to = effect + Int64.random(in: 1...20, using: &random)
            free[client] = to
            planned.append((effect, from, to, Int.random(in: 0..<100, using: &random)))
        }
        planned.sort { $0.effect < $1.effect }
        var state = RegisterState.absent
        var unknown = 0
        return planned.enumerated().map { place, step in
            let existed = state.exists
            if place == count / 2 {
                state = .absent
                return RegisterOperation(.crash, from: step.from, to: step.to)
            }
            switch step.kind {
            case 0..<2 where unknown < 8:
                unknown += 1
                let action = RegisterOperation.Action.put("v\(place)", replaced: nil)
                if Bool.random(using: &random) { state = .holds("v\(place)") }
                return RegisterOperation(unknown: action, from: step.from)
            case 2..<45:
                state = .holds("v\(place)")
                let action = RegisterOperation.Action.put("v\(place)", replaced: existed)
                return RegisterOperation(action, from: step.from, to: step.to)
            case 45..<55:
                state = .absent
                return RegisterOperation(.delete(existed: existed), from: step.from, to: step.to)
            default:
                return RegisterOperation(.get(state.value), from: step.from, to: step.to)
            }
        }
    }
}

extension RegisterOperation.Action {
    fileprivate var valuePut: String? {
        if case .put(let value, _, _, _) = self { value } else { nil }
    }
}
