import Testing

@Suite("Linearizability checker, of conditions and times to live")
struct ConditionCheckerTests {
    private typealias Operation = RegisterOperation
    typealias Case = LinearizabilityCheckerTests.Case

    /// A key with "a" in it.
    private static let put = Operation(.put("a", replaced: false), from: 0, to: 1)
    /// The same, to go at some moment from 100 to 101.
    private static let lent = Operation(.put("a", ttl: 100, replaced: false), from: 0, to: 1)

    static let good: [Case] = [
        Case(
            "two clients compare and set the same: one is refused by the other's value",
            [
                put,
                Operation(.put("b", if: .holds("a"), replaced: true), from: 2, to: 9),
                Operation(.refused(.holds("a"), present: "b"), from: 3, to: 8),
            ]
        ),
        Case(
            "conditions of a key that is not there",
            [
                Operation(.refused(.exists, present: nil), from: 0, to: 1),
                Operation(.delete(if: .holds("x"), existed: false), from: 2, to: 3),
                Operation(.put("a", if: .isAbsent, replaced: false), from: 4, to: 5),
                Operation(.refused(.isAbsent, present: "a"), from: 6, to: 7),
                Operation(.delete(if: .holds("a"), existed: true), from: 8, to: 9),
            ]
        ),
        Case(
            "an unknown compare-and-set that was done",
            [
                put,
                Operation(unknown: .put("b", if: .holds("a"), replaced: nil), from: 2),
                Operation(.refused(.holds("a"), present: "b"), from: 4, to: 5),
            ]
        ),
        Case(
            "an unknown compare-and-set that was refused",
            [
                put,
                Operation(unknown: .put("b", if: .holds("x"), replaced: nil), from: 2, until: 20),
                Operation(unknown: .delete(if: .holds("x"), existed: nil), from: 2, until: 20),
                Operation(.get("a"), from: 50, to: 51),
            ]
        ),
        Case(
            "a key goes within its time, and the next PUT is the first",
            [
                lent,
                Operation(.get("a", expires: true), from: 99, to: 100),
                Operation(.get(nil), from: 100, to: 102),
                Operation(.put("b", replaced: false), from: 103, to: 104),
                Operation(.get("b", expires: false), from: 500, to: 501),
            ]
        ),
        Case(
            "a key that goes as late as may be, while it is read",
            [
                lent,
                Operation(.get("a"), from: 101, to: 110),
                Operation(.get(nil), from: 102, to: 103),
            ]
        ),
        Case(
            "a PUT without a time to live takes it away",
            [
                lent,
                Operation(.put("b", replaced: true), from: 50, to: 51),
                Operation(.get("b", expires: false), from: 200, to: 201),
            ]
        ),
        Case(
            "a PUT that takes longer than its own time to live",
            [
                Operation(.put("a", ttl: 10, replaced: false), from: 0, to: 50),
                Operation(.get("a"), from: 1, to: 2),
                Operation(.get(nil), from: 12, to: 13),
                Operation(.put("b", replaced: false), from: 51, to: 52),
            ]
        ),
        Case(
            "an unknown PUT with a time to live, done late, or gone soon",
            [
                Operation(unknown: .put("a", ttl: 100, replaced: nil), from: 0, until: 500),
                Operation(.get(nil), from: 200, to: 201),
                Operation(.get("a", expires: true), from: 450, to: 451),
                Operation(.get(nil), from: 452, to: 453),
            ]
        ),
    ]

    static let bad: [Case] = [
        Case(
            "a lost update: both have compared and set",
            violation: 2,
            [
                put,
                Operation(.put("b", if: .holds("a"), replaced: true), from: 2, to: 9),
                Operation(.put("c", if: .holds("a"), replaced: true), from: 3, to: 10),
            ]
        ),
        Case(
            "refused, where the condition was met",
            violation: 1,
            [put, Operation(.refused(.holds("b"), present: "b"), from: 2, to: 3)]
        ),
        Case(
            "refused, with the tag of another value",
            violation: 1,
            [put, Operation(.refused(.holds("b"), present: "c"), from: 2, to: 3)]
        ),
        Case(
            "created, where it had to be there",
            violation: 0,
            [Operation(.put("a", if: .exists, replaced: false), from: 0, to: 1)]
        ),
        Case(
            "replaced, where it had to be absent",
            violation: 1,
            [put, Operation(.put("b", if: .isAbsent, replaced: true), from: 2, to: 3)]
        ),
        Case(
            "a compare-and-set that a relay sent again: refused by its own value",
            violation: 1,
            [put, Operation(.refused(.holds("a"), present: "b"), from: 2, to: 3)]
        ),
        Case(
            "deleted, where the condition was not met",
            violation: 1,
            [put, Operation(.delete(if: .holds("b"), existed: true), from: 2, to: 3)]
        ),
        Case(
            "served past its time",
            violation: 1,
            [lent, Operation(.get("a"), from: 102, to: 103)]
        ),
        Case(
            "gone before its time",
            violation: 1,
            [lent, Operation(.get(nil), from: 98, to: 99)]
        ),
        Case(
            "gone for one, and there for another",
            violation: 2,
            [
                Operation(.put("a", ttl: 100, replaced: false), from: 0, to: 50),
                Operation(.get(nil), from: 110, to: 111),
                Operation(.get("a"), from: 112, to: 113),
            ]
        ),
        Case(
            "replaced, where the time was over",
            violation: 1,
            [lent, Operation(.put("b", replaced: true), from: 102, to: 103)]
        ),
        Case(
            "a condition that an expired value met",
            violation: 1,
            [lent, Operation(.put("b", if: .holds("a"), replaced: true), from: 102, to: 103)]
        ),
        Case(
            "the tag of an expired value",
            violation: 1,
            [lent, Operation(.refused(.isAbsent, present: "a"), from: 102, to: 103)]
        ),
        Case(
            "the time of a value that was replaced takes the new one",
            violation: 2,
            [
                lent, Operation(.put("b", replaced: true), from: 50, to: 51),
                Operation(.get(nil), from: 102, to: 103),
            ]
        ),
        Case(
            "a time to live that nobody is told of",
            violation: 1,
            [lent, Operation(.get("a", expires: false), from: 2, to: 3)]
        ),
        Case(
            "a time to live of a value that has none",
            violation: 1,
            [put, Operation(.get("a", expires: true), from: 2, to: 3)]
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
}
