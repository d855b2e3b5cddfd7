import CLibevent
import Glibc
import TestSupport
import Testing

@testable import EventHTTP
@testable import Wire

@Suite("ReplyFields and Persistence")
struct ReplyFieldsTests {
    /// The fields that `fields` lends to a list, as they stand in a reply.
    private static func lent(
        by fields: ReplyFields,
        besides own: [(StaticString, String)] = [],
        withDate: Bool = false
    ) throws -> [String] {
        let request = try #require(evhttp_request_new(nil, nil))
        defer { evhttp_request_free(request) }
        let list = HeaderList(pointer: evhttp_request_get_output_headers(request))
        for (name, value) in own { #expect(list.add(name, value)) }
        var lines: [String] = []
        fields.lend(to: list) {
            var node = list.pointer.pointee.tqh_first
            while let field = node {
                lines.append(
                    String(cString: field.pointee.key) + ": " + String(cString: field.pointee.value)
                )
                node = field.pointee.next.tqe_next
            }
        }
        // Nothing of it is left there.
        #expect(list.first("Date") == nil)
        #expect(list.add("Another", "field") && list.first("Another") != nil)
        return lines.flatMap { $0.split(separator: "\r\n").map(String.init) }
            .filter { withDate || !$0.hasPrefix("Date: ") }
    }

    @Test("What a version of HTTP takes for granted is not said")
    func persistence() {
        #expect(Persistence(isVersion11: true, isLast: false) == .unsaid)
        #expect(Persistence(isVersion11: true, isLast: true) == .close)
        #expect(Persistence(isVersion11: false, isLast: false) == .keepAlive)
        #expect(Persistence(isVersion11: false, isLast: true) == .unsaid)
    }

    @Test(
        "A reply has the fields of its content type and its persistence, each with its own",
        arguments: [
            (.json, ["Content-Type: application/json"]),
            (.octetStream, ["Content-Type: application/octet-stream"]),
            (.metrics, ["Content-Type: text/plain; version=0.0.4; charset=utf-8"]), (.none, []),
        ] as [(ContentType, [String])],
        [(.unsaid, []), (.keepAlive, ["Connection: keep-alive"]), (.close, ["Connection: close"])]
            as [(Persistence, [String])]
    )
    func own(type: (ContentType, [String]), persistence: (Persistence, [String])) throws {
        let fields = ReplyFields()
        for other in Persistence.allCases { fields.prepare(.json, other, id: "z", length: 1) }
        let lines =
            type.1 + ["X-Content-Type-Options: nosniff", "Cache-Control: no-store"] + persistence.1
        let ids = ["a", String(repeating: "i", count: 128), "b", "cd", "e"]
        for (id, length) in zip(ids, [5, .max, nil, 12, nil]) {
            fields.prepare(type.0, persistence.0, id: id, length: length)
            let last = length.map { ["Content-Length: \($0)"] } ?? []
            #expect(try Self.lent(by: fields) == lines + ["X-Request-Id: \(id)"] + last)
        }
        fields.prepare(type.0, persistence.0, id: "f", length: 0)
        let before = try Self.lent(by: fields, besides: [("X", "y"), ("Z", "")])
        #expect(before == ["X: y", "Z: "] + lines + ["X-Request-Id: f", "Content-Length: 0"])
        #expect(fields.preparedBytes == 0)
    }

    @Test(
        "A length is written in decimal",
        arguments: [0, 1, 9, 10, 99, 100, 1_572_864, 4_294_967_296, .max]
    )
    func length(length: Int) throws {
        let fields = ReplyFields()
        fields.prepare(.json, .unsaid, id: "a", length: length)
        let lines = try Self.lent(by: fields)
        #expect(lines.last == "Content-Length: \(length)")
    }

    @Test("The date stands in front of the others, and is the present one")
    func date() throws {
        let fields = ReplyFields()
        let text = String(cString: fields.dateText())
        #expect(text.utf8.count == HTTPDate.count && text.hasSuffix(" GMT"))
        fields.prepare(.json, .close, id: "a", length: nil)
        let first = try Self.lent(by: fields, withDate: true).first
        #expect(first?.prefix(22) == "Date: \(text.prefix(16))")
    }
}

extension HeaderList {
    /// The value of the first field of that name, as evhttp finds it.
    fileprivate func first(_ name: StaticString) -> UnsafeRawBufferPointer? {
        guard let value = evhttp_find_header(pointer, name.cString) else { return nil }
        return UnsafeRawBufferPointer(start: value, count: strlen(value))
    }
}

extension ReplyFields {
    fileprivate func prepare(
        _ type: ContentType,
        _ persistence: Persistence,
        id: String,
        length: Int?
    ) {
        withExactBytes([UInt8](id.utf8)) { prepare(type, persistence, id: $0, length: length) }
    }
}
