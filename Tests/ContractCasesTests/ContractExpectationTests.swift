import Testing

@testable import ContractCases

@Suite("ContractExpectation")
struct ContractExpectationTests {
    private static func reply(
        _ status: Int,
        _ body: String,
        type: String = "application/json",
        _ more: [ContractReply.Field] = []
    ) -> ContractReply {
        let length = ContractReply.Field(name: "content-length", value: "\(body.utf8.count)")
        let type = ContractReply.Field(name: "content-type", value: type)
        return ContractReply(status: status, fields: [length, type] + more, body: Array(body.utf8))
    }

    @Test("The reply itself meets it; another status, type or text does not")
    func exactly() {
        let expected = ContractExpectation.missing
        let text = #"{"msg":"error","error":"key does not exist"}"#
        for isExact in [false, true] {
            #expect(expected.isMet(by: Self.reply(404, text), isExact: isExact))
            #expect(!expected.isMet(by: Self.reply(200, text), isExact: isExact))
            #expect(
                !expected.isMet(by: Self.reply(404, text, type: "text/plain"), isExact: isExact)
            )
            let other = text.replacing("key", with: "Key")
            #expect(!expected.isMet(by: Self.reply(404, other), isExact: isExact))
            let more = text.replacing("}", with: #","x":1}"#)
            #expect(!expected.isMet(by: Self.reply(404, more), isExact: isExact))
        }
    }

    @Test("What means the same meets it where that is enough")
    func leniently() {
        let replies = [
            Self.reply(200, #"{ "value":"b\u0061rt", "msg":"success"}"#),
            Self.reply(
                200,
                #"{"msg":"success","value":"bart"}"#,
                type: "application/json; charset=utf-8"
            ),
        ]
        for reply in replies {
            #expect(ContractExpectation.value("bart").isMet(by: reply, isExact: false))
            #expect(!ContractExpectation.value("bart").isMet(by: reply, isExact: true))
        }
    }

    @Test("An error is one in JSON that is neither of the contract's two")
    func errors() {
        let expected = ContractExpectation.error(400, mentioning: "250")
        let good = Self.reply(400, #"{"msg":"error","error":"more than 250"}"#)
        let vague = Self.reply(400, #"{"msg":"error","error":"no"}"#)
        #expect(expected.isMet(by: good, isExact: true) && expected.isMet(by: good, isExact: false))
        #expect(!expected.isMet(by: vague, isExact: true))
        #expect(expected.isMet(by: vague, isExact: false))
        for text in ["key does not exist", "service is not available"] {
            let body = #"{"msg":"error","error":"\#(text)"}"#
            #expect(!expected.isMet(by: Self.reply(400, body), isExact: false))
        }
        #expect(!expected.isMet(by: Self.reply(400, "250"), isExact: false))
    }

    @Test("A field's list must hold each member, in any order, and may hold more")
    func fields() {
        let expected = ContractExpectation(
            405,
            .error(mentioning: ""),
            field: ("Allow", ["GET", "PUT"])
        )
        for (value, isMet) in [("PUT, GET,HEAD", true), ("GET", false), ("GETS, PUT", false)] {
            let field = ContractReply.Field(name: "allow", value: value)
            let reply = Self.reply(405, #"{"msg":"error","error":"x"}"#, [field])
            #expect(expected.isMet(by: reply, isExact: true) == isMet)
        }
    }

    @Test("Bytes are compared as such, and HEAD has none")
    func bytes() {
        let octets = "application/octet-stream"
        let expected = ContractExpectation.octets(Array("bart".utf8))
        #expect(expected.isMet(by: Self.reply(200, "bart", type: octets), isExact: true))
        #expect(!expected.isMet(by: Self.reply(200, "lisa", type: octets), isExact: false))
        #expect(!expected.isMet(by: Self.reply(200, "bart"), isExact: false))
        let head = ContractExpectation(200, .none)
        #expect(head.isMet(by: Self.reply(200, ""), isExact: true))
        #expect(!head.isMet(by: Self.reply(200, "x"), isExact: true))
    }

    @Test("A field may have to be a number, or absent")
    func rules() {
        let expected = ContractExpectation.missing.with("X", in: 2...3).without("Y")
        let text = #"{"msg":"error","error":"key does not exist"}"#
        for (value, isMet) in [("1", false), ("2", true), ("3", true), ("4", false), ("x", false)] {
            let reply = Self.reply(404, text, [.init(name: "x", value: value)])
            #expect(expected.isMet(by: reply, isExact: true) == isMet)
        }
        #expect(!expected.isMet(by: Self.reply(404, text), isExact: true))
        let both = [("X", "2"), ("Y", "")].map { ContractReply.Field(name: $0.0, value: $0.1) }
        #expect(!expected.isMet(by: Self.reply(404, text, both), isExact: true))
    }

    @Test("304 has neither a body nor its type")
    func notModified() {
        let expected = ContractExpectation(304, .nothing)
        for (fields, body, isMet) in [
            ([], "", true), ([("Content-Type", "application/json")], "", false), ([], "x", false),
        ] {
            let reply = ContractReply(
                status: 304,
                fields: fields.map { .init(name: $0.0, value: $0.1) },
                body: Array(body.utf8)
            )
            #expect(expected.isMet(by: reply, isExact: true) == isMet)
            #expect(expected.isMet(by: reply, isExact: false) == isMet)
        }
    }
}
