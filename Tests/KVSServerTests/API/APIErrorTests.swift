import TestSupport
import Testing

@testable import KVSServer
@testable import KVSStore
@testable import Wire

@Suite("API errors")
struct APIErrorTests {
    /// Each case, with each of its reasons; a new case does not compile until it is counted here.
    private static let all: [APIError] = {
        var all: [APIError] = [
            .keyDoesNotExist, .serviceIsNotAvailable, .noSuchPath, .methodNotAllowed(use: "GET"),
            .keyEmpty, .keyTooLong(byteCount: 251), .malformedEscapeInKey, .valueMissing,
            .valueRepeated,
            .valueTooLarge, .unsupportedContentEncoding, .contentTypeRepeated,
            .partialContent,
            .malformedForm(offset: 12), .jsonValueIsNotString, .outOfMemory, .forwardingLoop,
            .preconditionFailed, .malformedIfMatch, .malformedIfNoneMatch, .tooManyEntityTags,
            .invalidTimeToLive, .unknownListParameter, .listParameterRepeated, .invalidLimit,
            .invalidPrefix, .unknownCursor,
        ]
        all += (UInt8.min...UInt8.max).map { .keyHasIllegalCharacter($0) }
        all += MultipartFault.allCases.map { .malformedMultipart($0) }
        all += JSONFault.allCases.map { .malformedJSON($0, offset: 7) }
        return all
    }()

    private func isListed(_ error: APIError) -> Bool {
        switch error {
        case .keyDoesNotExist, .serviceIsNotAvailable, .noSuchPath, .methodNotAllowed, .keyEmpty,
            .keyTooLong, .keyHasIllegalCharacter, .malformedEscapeInKey, .valueMissing,
            .valueRepeated, .valueTooLarge, .unsupportedContentEncoding, .contentTypeRepeated,
            .partialContent,
            .malformedForm, .malformedMultipart, .malformedJSON, .jsonValueIsNotString,
            .outOfMemory, .forwardingLoop, .preconditionFailed, .malformedIfMatch,
            .malformedIfNoneMatch, .tooManyEntityTags, .invalidTimeToLive, .unknownListParameter,
            .listParameterRepeated, .invalidLimit, .invalidPrefix, .unknownCursor:
            true
        }
    }

    @Test("Every message is ASCII that needs no JSON escaping, and says something")
    func messagesArePlain() {
        for error in Self.all {
            #expect(isListed(error))
            let message = [UInt8](error.message)
            #expect(!message.isEmpty)
            #expect(message.allSatisfy { 0x20...0x7E ~= $0 }, "\(error.message)")
            let escapedCount = withExactBytes(message) { JSONString.escapedCount(of: $0) }
            #expect(escapedCount == message.count, "\(error.message)")
        }
    }

    @Test(
        "Statuses are those of the contract",
        arguments: [
            (APIError.keyDoesNotExist, 404), (.serviceIsNotAvailable, 404), (.noSuchPath, 404),
            (.methodNotAllowed(use: "GET"), 405), (.keyEmpty, 400),
            (.keyTooLong(byteCount: 251), 400),
            (.keyHasIllegalCharacter(0x2F), 400), (.malformedEscapeInKey, 400),
            (.valueMissing, 400), (.valueRepeated, 400), (.contentTypeRepeated, 400),
            (.partialContent, 400),
            (.malformedForm(offset: 0), 400),
            (.malformedMultipart(.noBoundaryLine), 400),
            (.malformedJSON(.badEscape, offset: 0), 400), (.jsonValueIsNotString, 400),
            (.valueTooLarge, 413), (.unsupportedContentEncoding, 415), (.outOfMemory, 507),
            (.forwardingLoop, 508), (.preconditionFailed, 412), (.malformedIfMatch, 400),
            (.malformedIfNoneMatch, 400), (.tooManyEntityTags, 400), (.invalidTimeToLive, 400),
            (.unknownListParameter, 400), (.listParameterRepeated, 400), (.invalidLimit, 400),
            (.invalidPrefix, 400), (.unknownCursor, 400),
        ]
    )
    func statuses(error: APIError, status: Int) {
        #expect(error.status.code == status)
    }

    @Test("The texts that programs compare are exact, and no other error has them")
    func contractTexts() {
        #expect(APIError.keyDoesNotExist.message == "key does not exist")
        #expect(APIError.serviceIsNotAvailable.message == "service is not available")
        #expect(APIError.forwardingLoop.message == "forwarding loop")
        for error in Self.all where error != .keyDoesNotExist {
            #expect(error.message != APIError.keyDoesNotExist.message)
        }
        for error in Self.all where error != .serviceIsNotAvailable {
            #expect(error.message != APIError.serviceIsNotAvailable.message)
        }
    }

    @Test("Messages say the rule, the limit, or the way to do it")
    func messagesHelp() {
        #expect(APIError.keyTooLong(byteCount: 300).message.contains("300"))
        #expect(APIError.keyTooLong(byteCount: 300).message.contains("1 to 250"))
        #expect(APIError.keyHasIllegalCharacter(0x2F).message.contains("0x2F"))
        #expect(APIError.valueTooLarge.message.contains("\(Item.maxRawValueBytes)"))
        #expect(APIError.valueMissing.message.contains("curl -d val="))
        #expect(APIError.malformedForm(offset: 99).message.contains("offset 99"))
        #expect(
            JSONFault.nestedTooDeeply.text.contains("\(JSONObjectDecoder.maxDepth)")
        )
    }
}
