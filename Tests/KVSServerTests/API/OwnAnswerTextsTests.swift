import EventHTTP
import Testing
import Wire

@testable import KVSServer

@Suite("What the server says by itself")
struct OwnAnswerTextsTests {
    private static let answers =
        Refusal.allCases.map(OwnAnswer.refusal) + [.overdue, .droppedRequest]

    @Test("Each answer is the contract's error, with a text that needs no escaping")
    func form() {
        for answer in Self.answers {
            let body = OwnAnswerTexts().body(of: answer)
            let opening = #"{"msg":"error","error":""#
            #expect(body.hasPrefix(opening) && body.hasSuffix("\"}"))
            let message = body.dropFirst(opening.count).dropLast(2)
            #expect(!message.isEmpty)
            #expect(
                message.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
            )
        }
    }

    @Test("No two answers say the same, and each status is that of a refusal")
    func different() {
        #expect(Set(Self.answers.map(OwnAnswerTexts().body)).count == Self.answers.count)
        for refusal in Refusal.allCases { #expect((400...599).contains(refusal.status.code)) }
    }
}
