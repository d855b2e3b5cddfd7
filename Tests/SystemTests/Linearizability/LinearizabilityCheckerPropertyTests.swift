import TestSupport
import Testing

@Suite("Linearizability checker, on generated histories")
struct LinearizabilityCheckerPropertyTests {
    @Test("Agrees with trying every order, on short histories")
    func agreesWithBruteForce() {
        var random = SeededGenerator(seed: 1)
        var accepted = 0
        for _ in 0..<4000 {
            let history = arbitraryHistory(count: Int.random(in: 1...6, using: &random), &random)
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
            switch Int.random(in: 0..<8, using: &random) {
            case 0, 1: return RegisterOperation(.put(value, replaced: nil), from: from, to: to)
            case 2:
                let replaced = Bool.random(using: &random)
                return RegisterOperation(.put(value, replaced: replaced), from: from, to: to)
            case 3, 4: return RegisterOperation(.get(value), from: from, to: to)
            case 5: return RegisterOperation(.get(nil), from: from, to: to)
            case 6:
                let limit = Bool.random(using: &random) ? to : .max
                return RegisterOperation(
                    unknown: .put(value, replaced: nil),
                    from: from,
                    until: limit
                )
            default:
                let existed = Bool.random(using: &random)
                return RegisterOperation(.delete(existed: existed), from: from, to: to)
            }
        }
    }

    /// The definition itself: is there an order of the operations that keeps the order of time and
    /// that a register explains?
    private func existsOrder(of rest: [RegisterOperation], from state: RegisterState) -> Bool {
        if rest.allSatisfy(\.mayNotHappen) { return true }
        for (index, operation) in rest.enumerated() {
            var others = rest
            others.remove(at: index)
            // An operation that ended before this one began comes first, if it comes at all.
            let overdue = others.filter { $0.returned < operation.invoked }
            guard overdue.allSatisfy(\.mayNotHappen) else { continue }
            others.removeAll { $0.returned < operation.invoked }
            guard let next = operation.apply(to: state) else { continue }
            if existsOrder(of: others, from: next) { return true }
        }
        return false
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
                guard case .holds(let value) = state else {
                    return RegisterOperation(.get(nil), from: step.from, to: step.to)
                }
                return RegisterOperation(.get(value), from: step.from, to: step.to)
            }
        }
    }
}

extension RegisterOperation.Action {
    fileprivate var valuePut: String? {
        if case .put(let value, _) = self { value } else { nil }
    }
}
