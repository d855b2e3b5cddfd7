import Testing

@testable import ContractCases

@Suite("ContractCase.Step", .timeLimit(.minutes(1)))
struct ContractStepTests {
    private typealias Step = ContractCase.Step

    private static func reply(_ status: Int, _ body: String) -> ContractReply {
        ContractReply(
            status: status,
            fields: [
                .init(name: "Content-Type", value: "application/json"),
                .init(name: "Content-Length", value: "\(body.utf8.count)"),
            ],
            body: Array(body.utf8)
        )
    }

    /// Asks whoever gives these bodies one after the other, and the last one again and again.
    private static func perform(
        _ step: Step,
        _ bodies: [String],
        isOver: Bool = false
    ) -> (isMet: Bool, targets: [String]) {
        var targets: [String] = []
        let result = step.perform(isExact: true, isOver: { isOver }) { request in
            targets.append(request.target)
            return reply(200, bodies[min(targets.count, bodies.count) - 1])
        }
        return (result.isMet, targets)
    }

    private static func list(_ keys: [String], limit: Int = 9) -> Step {
        Step(.list("prefix=k"), ContractExpectation(200, .keys(keys, limit: limit)))
    }

    @Test("A list is asked for to its end, and must have each key once, in whatever order")
    func list() {
        let pages = [
            #"{"msg":"success","keys":["k3","k1"],"cursor":"aa"}"#,
            #"{"msg":"success","keys":[],"cursor":"bb"}"#, #"{"msg":"success","keys":["k2"]}"#,
        ]
        let targets = ["", "&cursor=aa", "&cursor=bb"].map { "/kvs?prefix=k\($0)" }
        let (isMet, asked) = Self.perform(Self.list(["k1", "k2", "k3"]), pages)
        #expect(isMet && asked == targets)
        for keys in [["k1", "k2"], ["k1", "k2", "k3", "k4"], ["k1", "k2", "k2", "k3"]] {
            #expect(!Self.perform(Self.list(keys), pages).isMet, "\(keys)")
        }
        // The first page has two.
        #expect(!Self.perform(Self.list(["k1", "k2", "k3"], limit: 1), pages).isMet)
        #expect(!Self.perform(Self.list(["k1", "k2", "k3"]), pages, isOver: true).isMet)
    }

    @Test(
        "What is no list is none, and neither is one without end",
        arguments: [
            #"{"msg":"success"}"#, #"{"msg":"success","keys":"k1"}"#,
            #"{"keys":["k1"],"msg":"success"}"#, #"{"msg":"success","keys":["k1"],"more":1}"#,
            #"{"msg":"success","keys":["k1"],"cursor":1}"#,
            #"{"msg":"success","keys":[],"cursor":"a"}"#,
        ]
    )
    func others(body: String) {
        let (isMet, asked) = Self.perform(Self.list(["k1"]), [body])
        #expect(!isMet && (asked.count == 1 || asked.count == 1000))
    }

    @Test("What comes in a moment is asked for again, for so long")
    func patience() {
        let bodies = [#"{"msg":"success","value":"x"}"#, #"{"msg":"success"}"#]
        let wanted = ContractExpectation.success
        let patient = Step(.get("k"), wanted, within: .seconds(60))
        #expect(Self.perform(patient, bodies) == (true, ["/kvs/k", "/kvs/k"]))
        #expect(Self.perform(patient, bodies, isOver: true) == (false, ["/kvs/k"]))
        #expect(Self.perform(Step(.get("k"), wanted), bodies) == (false, ["/kvs/k"]))
    }
}
