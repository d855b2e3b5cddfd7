import TestSupport
import Testing

@testable import Wire

/// What the guard notes while it reads, against reading the lines again.
@Suite("OmittedLines")
struct OmittedLinesTests {
    private static let names = [
        "Host", "via", "Expect", "X-Forwarded-For", "Connection", "KEEP-ALIVE", "te", "Trailer",
        "Upgrade", "Proxy-Connection", "Proxy-Authenticate", "proxy-authorization",
        "Content-Length",
        "Transfer-Encoding", "Date", "Content-Type", "Accept", "X", "Hosts", "Vic", "User-Agent",
        "Sec-Fetch-Dest", "Accept-Language", "Content-Range", "Content-Encoding", "X-Hop",
    ]

    /// The fields of a head, drawn from all names, so that it is not refused.
    private static func fields(_ random: inout SeededGenerator) -> [String] {
        var fields: [String] = []
        for _ in 0..<random.below(14) {
            guard let name = names.randomElement(using: &random), name != "Host" else { continue }
            switch name {
            case "Content-Length", "Transfer-Encoding":
                let isFramed = fields.contains {
                    $0.hasPrefix("Content-Length") || $0.hasPrefix("Transfer-Encoding")
                }
                let value = name == "Content-Length" ? "0" : "chunked"
                if !isFramed { fields.append("\(name): \(value)") }
            case "Expect": fields.append("Expect: 100-continue")
            case "Connection":
                let options = ["keep-alive", "close", "X-Hop", "te, Trailer", "x, keep-alive"]
                fields.append("Connection: \(options[random.below(options.count)])")
            default:
                // Tabs, and lines that come in pieces, are read in another way.
                fields.append("\(name):\(random.chance(20) ? "\t" : " ")v\(fields.count)")
            }
        }
        fields.insert("Host: h", at: random.below(fields.count + 1))
        return fields
    }

    private static func text(_ lines: borrowing FieldLines) -> String {
        String(decoding: lines.bytes, as: UTF8.self)
    }

    @Test("Of any request, what was noted is what reading again finds", arguments: 1...4)
    func requests(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var notedCount = 0
        for _ in 0..<2000 {
            let fields = Self.fields(&random)
            let before = random.chance(20) ? "\r\n" : ""
            let text = before + (["PUT /k HTTP/1.1"] + fields + ["", ""]).joined(separator: "\r\n")
            let bytes = [UInt8](text.utf8)
            var parser = HeadParser()
            let cut = random.below(bytes.count)
            #expect(try withExactBytes(Array(bytes[..<cut])) { try parser.parse($0) } == nil)
            let range = try #require(try withExactBytes(bytes) { try parser.parse($0) }, "\(text)")
            let head = parser.head
            if head.omitted.isWhole { notedCount += 1 }
            withExactBytes(Array(bytes[range][(range.lowerBound + head.fields.lowerBound)...])) {
                let block = FieldBlock(bytes: $0.slice(0..<head.fields.count))
                var noted = FieldLines()
                var read = FieldLines()
                block.writeEndToEndFields(
                    to: &noted,
                    omitting: head.omitted,
                    at: head.fields.lowerBound,
                    by: HopByHop.isOmittedFromRequest
                )
                block.writeEndToEndFields(to: &read, by: HopByHop.isOmittedFromRequest)
                #expect(Self.text(noted) == Self.text(read), "\(text)")
            }
        }
        // Both ways have been taken.
        #expect((200...1800).contains(notedCount))
    }

    @Test("Of any reply too", arguments: 1...4)
    func replies(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var notedCount = 0
        for _ in 0..<2000 {
            let isFraming = { (field: String) in
                field.hasPrefix("Content-Length") || field.hasPrefix("Transfer-Encoding")
                    || field.hasPrefix("Content-Type")
            }
            var fields = Self.fields(&random).filter { !isFraming($0) }
            fields.insert("Content-Length: 0", at: random.below(fields.count + 1))
            let text = (["HTTP/1.1 200 OK"] + fields + ["", ""]).joined(separator: "\r\n")
            let bytes = [UInt8](text.utf8)
            var parser = ReplyHeadParser(isReplyToHead: false)
            let cut = random.below(bytes.count)
            #expect(try withExactBytes(Array(bytes[..<cut])) { try parser.parse($0) } == nil)
            #expect(try withExactBytes(bytes) { try parser.parse($0) } == bytes.count, "\(text)")
            let head = parser.head
            if head.omitted.isWhole { notedCount += 1 }
            withExactBytes(bytes) { bytes in
                var noted = FieldLines()
                var read = FieldLines()
                head.writeEndToEndFields(of: bytes, to: &noted)
                FieldBlock(bytes: bytes.slice(head.fields))
                    .writeEndToEndFields(to: &read, by: HopByHop.isOmittedFromReply)
                #expect(Self.text(noted) == Self.text(read), "\(text)")
            }
        }
        #expect((200...1800).contains(notedCount))
    }

    @Test("Lines that stand together are one run; more runs than there is room for are said so")
    func runs() {
        var omitted = OmittedLines()
        omitted.note(10..<20)
        omitted.note(20..<35)
        #expect(omitted.count == 1 && omitted[0] == 10..<35)
        for start in [40, 50, 60] { omitted.note(start..<(start + 5)) }
        #expect(omitted.count == 4 && omitted.isWhole && omitted[3] == 60..<65)
        omitted.note(65..<70)
        #expect(omitted.isWhole && omitted[3] == 60..<70)
        omitted.note(80..<85)
        #expect(!omitted.isWhole)
    }
}
