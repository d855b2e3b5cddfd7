import Testing

/// What a service could do wrong, put into the record of one that did it right.
@Suite("A wrong answer in a recorded history is found", .timeLimit(.minutes(2)))
struct AlteredHistoryTests {
    private typealias Operation = RegisterOperation

    /// A wrong answer, in place of the right one of an operation.
    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let action: RegisterOperation.Action
        /// Chooses the operation, and nil where there is none.
        let place: @Sendable (_ history: [RegisterOperation]) -> Int?
    }

    private static let recorded = Result { try RecordedScene().history }

    static let faults: [Fault] = [
        Fault(
            testDescription: "a lost update",
            action: .get(RecordedScene.first, expires: false)
        ) { history in
            let end = history.first { $0.isCompareAndSet }?.returned ?? .max
            return history.firstIndex {
                $0.invoked > end && $0.action == .get(RecordedScene.second, expires: false)
            }
        },
        Fault(
            testDescription: "a compare-and-set that succeeds on an old tag",
            action: .put("third", if: .holds(RecordedScene.first), replaced: true)
        ) { $0.firstIndex { $0.isRefused } },
        Fault(
            testDescription: "a GET served past its time",
            action: .get(RecordedScene.lent, expires: true)
        ) { history in
            let latest = history.expiry?.latest ?? .max
            return history.firstIndex { $0.invoked > latest && $0.action == .get(nil) }
        },
        Fault(
            testDescription: "a GET served after another found nothing",
            action: .get(RecordedScene.lent, expires: true)
        ) { history in
            let earliest = history.expiry?.earliest ?? .max
            let gone = history.first { $0.returned > earliest && $0.action == .get(nil) }
            return history.firstIndex {
                $0.invoked > gone?.returned ?? .max && $0.action == .get(nil)
            }
        },
        Fault(
            testDescription: "an expired key counted as replaced",
            action: .put(RecordedScene.next, if: .isAbsent, replaced: true)
        ) { $0.firstIndex { $0.isNext } },
        Fault(
            testDescription: "an expired key that meets a condition",
            action: .put(RecordedScene.next, if: .holds(RecordedScene.lent), replaced: true)
        ) { $0.firstIndex { $0.isNext } },
        Fault(testDescription: "a key gone too early", action: .get(nil)) { history in
            let earliest = history.expiry?.earliest ?? .min
            return history.lastIndex {
                $0.returned < earliest
                    && $0.action == .get(RecordedScene.lent, expires: true)
            }
        },
        Fault(
            testDescription: "a time to live that is not told",
            action: .get(RecordedScene.lent, expires: false)
        ) { $0.firstIndex { $0.action == .get(RecordedScene.lent, expires: true) } },
    ]

    @Test("The record itself is right")
    func recordIsLinearizable() throws {
        let history = try Self.recorded.get()
        #expect(LinearizabilityChecker().check(history) == .linearizable)
        #expect(history.contains { $0.isRefused } && history.contains { $0.isNext })
    }

    @Test("Finds it", arguments: faults)
    func findsFault(_ fault: Fault) throws {
        var history = try Self.recorded.get()
        guard let place = fault.place(history) else {
            Issue.record("the record has no place for it")
            return
        }
        let right = history[place]
        let wrong = Operation(fault.action, from: right.invoked, to: right.returned)
        #expect(wrong != right)
        history[place] = wrong
        guard case .violation(let found) = LinearizabilityChecker().check(history) else {
            Issue.record("the checker explains \(wrong)")
            return
        }
        // A write that did not happen may be seen by a reader before it returns.
        #expect(found.returned <= wrong.returned)
    }
}

extension RegisterOperation {
    fileprivate var isRefused: Bool { if case .refused = action { true } else { false } }
    fileprivate var isCompareAndSet: Bool {
        action == .put(RecordedScene.second, if: .holds(RecordedScene.first), replaced: true)
    }
    fileprivate var isNext: Bool {
        action == .put(RecordedScene.next, if: .isAbsent, replaced: false)
    }
}

extension [RegisterOperation] {
    /// Of the value that goes by itself.
    fileprivate var expiry: Expiry? { lazy.compactMap(\.expiry).first }
}
