import Testing

@Suite("Linearizability checker")
struct LinearizabilityCheckerTests {
    private typealias Operation = RegisterOperation

    /// A history by name, and the operation (by place) that nothing explains, if there is one.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let history: [RegisterOperation]
        let violation: Int?
        var testDescription: String { name }

        init(_ name: String, violation: Int? = nil, _ history: [RegisterOperation]) {
            self.name = name
            self.history = history
            self.violation = violation
        }
    }

    static let good: [Case] = [
        Case("nothing happened", []),
        Case(
            "one after the other",
            [
                Operation(.get(nil), from: 0, to: 1),
                Operation(.put("a", replaced: false), from: 2, to: 3),
                Operation(.get("a"), from: 4, to: 5),
                Operation(.put("b", replaced: true), from: 6, to: 7),
                Operation(.delete(existed: true), from: 8, to: 9),
                Operation(.delete(existed: false), from: 10, to: 11),
                Operation(.get(nil), from: 12, to: 13),
            ]
        ),
        Case(
            "a read that overlaps a write sees the old value",
            [
                Operation(.put("a", replaced: false), from: 0, to: 1),
                Operation(.put("b", replaced: true), from: 2, to: 9),
                Operation(.get("a"), from: 3, to: 4),
                Operation(.get("b"), from: 5, to: 6),
            ]
        ),
        Case(
            "two writes that overlap, in the order that their flags tell",
            [
                Operation(.put("a", replaced: true), from: 0, to: 9),
                Operation(.put("b", replaced: false), from: 1, to: 8),
                Operation(.get("a"), from: 10, to: 11),
            ]
        ),
        Case(
            "an unknown write that took effect late",
            [
                Operation(.put("a", replaced: false), from: 0, to: 1),
                Operation(unknown: .put("b", replaced: nil), from: 2),
                Operation(.get("a"), from: 50, to: 51),
                Operation(.get("b"), from: 60, to: 61),
            ]
        ),
        Case(
            "an unknown write that never took effect",
            [
                Operation(.put("a", replaced: false), from: 0, to: 1),
                Operation(unknown: .delete(existed: nil), from: 2),
                Operation(unknown: .put("b", replaced: nil), from: 2, until: 20),
                Operation(.get("a"), from: 50, to: 51),
            ]
        ),
        Case(
            "a crash empties the store",
            [
                Operation(.put("a", replaced: false), from: 0, to: 1),
                Operation(.crash, from: 2, to: 10),
                Operation(.get(nil), from: 11, to: 12),
                Operation(.put("b", replaced: false), from: 13, to: 14),
            ]
        ),
        Case(
            "an unknown write before the crash",
            [
                Operation(unknown: .put("a", replaced: nil), from: 0),
                Operation(.crash, from: 2, to: 10),
                Operation(.get(nil), from: 11, to: 12),
            ]
        ),
        Case(
            "an unknown write after the crash",
            [
                Operation(unknown: .put("a", replaced: nil), from: 0),
                Operation(.crash, from: 2, to: 10),
                Operation(.get("a"), from: 11, to: 12),
            ]
        ),
        Case(
            "a read that overlaps the crash still finds the value",
            [
                Operation(.put("a", replaced: false), from: 0, to: 1),
                Operation(.crash, from: 2, to: 10),
                Operation(.get("a"), from: 1, to: 3),
            ]
        ),
    ]

    static let bad: [Case] = [
        Case(
            "a stale read",
            violation: 2,
            [
                Operation(.put("a", replaced: false), from: 0, to: 1),
                Operation(.put("b", replaced: true), from: 2, to: 3),
                Operation(.get("a"), from: 4, to: 5),
            ]
        ),
        Case(
            "new, then old again, while the write is still under way",
            violation: 3,
            [
                Operation(.put("a", replaced: false), from: 0, to: 1),
                Operation(.put("b", replaced: true), from: 2, to: 20),
                Operation(.get("b"), from: 3, to: 4),
                Operation(.get("a"), from: 5, to: 6),
            ]
        ),
        Case(
            "a lost update",
            violation: 1,
            [
                Operation(.put("a", replaced: false), from: 0, to: 1),
                Operation(.get(nil), from: 2, to: 3),
            ]
        ),
        Case(
            "a write that took effect twice",
            violation: 3,
            [
                Operation(unknown: .put("a", replaced: nil), from: 0),
                Operation(.get("a"), from: 2, to: 3),
                Operation(.put("b", replaced: true), from: 4, to: 5),
                Operation(.get("a"), from: 6, to: 7),
            ]
        ),
        Case(
            "a delete that took effect twice",
            violation: 4,
            [
                Operation(.put("a", replaced: false), from: 0, to: 1),
                Operation(unknown: .delete(existed: nil), from: 2),
                Operation(.get(nil), from: 3, to: 4),
                Operation(.put("b", replaced: false), from: 5, to: 6),
                Operation(.get(nil), from: 7, to: 8),
            ]
        ),
        Case(
            "replaced, where nothing was there",
            violation: 0,
            [Operation(.put("a", replaced: true), from: 0, to: 1)]
        ),
        Case(
            "created, where something was there",
            violation: 1,
            [
                Operation(.put("a", replaced: false), from: 0, to: 1),
                Operation(.put("b", replaced: false), from: 2, to: 3),
            ]
        ),
        Case(
            "two creations that overlap",
            violation: 0,
            [
                Operation(.put("a", replaced: false), from: 0, to: 8),
                Operation(.put("b", replaced: false), from: 1, to: 7),
            ]
        ),
        Case(
            "two deletes that overlap and both found it",
            violation: 1,
            [
                Operation(.put("a", replaced: false), from: 0, to: 1),
                Operation(.delete(existed: true), from: 2, to: 9),
                Operation(.delete(existed: true), from: 3, to: 8),
            ]
        ),
        Case(
            "a value from nowhere",
            violation: 0,
            [Operation(.get("x"), from: 0, to: 1)]
        ),
        Case(
            "a write that was not sent is seen",
            violation: 1,
            [
                // The write of "b" was answered `not-sent` and is therefore not in the history.
                Operation(.put("a", replaced: false), from: 0, to: 1),
                Operation(.get("b"), from: 4, to: 5),
            ]
        ),
        Case(
            "a read before the write began",
            violation: 0,
            [
                Operation(.get("a"), from: 0, to: 1),
                Operation(.put("a", replaced: false), from: 2, to: 3),
            ]
        ),
        Case(
            "a value that outlives the crash",
            violation: 2,
            [
                Operation(.put("a", replaced: false), from: 0, to: 1),
                Operation(.crash, from: 2, to: 10),
                Operation(.get("a"), from: 11, to: 12),
            ]
        ),
        Case(
            "an unknown write that takes effect after its bound",
            violation: 2,
            [
                Operation(unknown: .put("a", replaced: nil), from: 0, until: 10),
                Operation(.get(nil), from: 11, to: 12),
                Operation(.get("a"), from: 13, to: 14),
            ]
        ),
    ]

    @Test("Explains a history that a register could have", arguments: good)
    func acceptsGoodHistory(_ given: Case) {
        for history in [given.history, given.history.reversed()] {
            #expect(LinearizabilityChecker().check(history) == .linearizable)
        }
    }

    @Test("Finds the operation that no register explains", arguments: bad)
    func rejectsBadHistory(_ given: Case) throws {
        let index = try #require(given.violation)
        let verdict = LinearizabilityChecker().check(given.history)
        #expect(verdict == .violation(given.history[index]))
    }

    @Test("Starts from the state it is given")
    func startsFromInitialState() {
        let history = [RegisterOperation(.get("a"), from: 0, to: 1)]
        #expect(LinearizabilityChecker().check(history, from: .holds("a")) == .linearizable)
        #expect(LinearizabilityChecker().check(history) == .violation(history[0]))
    }

    @Test("Says so when a history is too wide to search")
    func isUndecidedBeyondItsBounds() {
        let wide = (0..<65).map {
            RegisterOperation(unknown: .put("\($0)", replaced: nil), from: 0)
        }
        #expect(LinearizabilityChecker().check(wide) == .undecided)
        let crowd = (0..<30).map { RegisterOperation(.put("\($0)", replaced: nil), from: 0, to: 9) }
        #expect(LinearizabilityChecker(maxConfigurations: 1000).check(crowd) == .undecided)
    }

    @Test("Keeps to the least use of unknown writes, so that many of them cost little")
    func manyUnknownWritesAreCheap() {
        let unknown = (0..<60).map {
            RegisterOperation(unknown: .put("\($0)", replaced: nil), from: 0)
        }
        let reads = (Int64(0)..<30).map { step in
            RegisterOperation(.get("\(2 * step)"), from: 1 + 2 * step, to: 2 + 2 * step)
        }
        let checker = LinearizabilityChecker(maxConfigurations: 10_000)
        #expect(checker.check(unknown + reads) == .linearizable)
        let again = RegisterOperation(.get("0"), from: 100, to: 101)
        #expect(checker.check(unknown + reads + [again]) == .violation(again))
    }
}
