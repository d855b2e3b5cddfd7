import TestSupport
import Testing

@testable import Wire

@Suite("HeadParser: where what stands in a head")
struct HeadParserPlacesTests {
    /// The parts of a head that its places point to.
    struct Parts: Equatable {
        var target: String
        var fields: String
        var known: [FieldName: String] = [:]
    }

    /// What the places point to in the head that begins `text`, which comes in two pieces.
    private static func parts(of text: String, cut: Int) throws -> Parts {
        let bytes = [UInt8](text)
        var parser = HeadParser()
        var result = try withExactBytes(Array(bytes[..<cut])) { try parser.parse($0) }
        if result == nil { result = try withExactBytes(bytes) { try parser.parse($0) } }
        let (head, range) = (parser.head, try #require(result))
        let kept = Array(bytes[range])
        func part(_ range: Range<Int>) -> String { String(decoding: kept[range], as: UTF8.self) }
        var parts = Parts(target: part(head.target), fields: part(head.fields))
        for name in FieldName.allCases {
            if let place = head.known.place(of: name) { parts.known[name] = part(place) }
        }
        return parts
    }

    private static func expect(
        _ expected: Parts,
        of text: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        for cut in 0...text.utf8.count {
            let parts = try parts(of: text, cut: cut)
            #expect(parts == expected, "cut at \(cut)", sourceLocation: sourceLocation)
        }
    }

    @Test(
        "Target, fields and known values are found behind empty lines, and with a body behind them",
        arguments: ["", "\r\n", "\r\n\r\n\r\n\r\n"],
        ["", "\r\nval=x", "GET / HTTP/1.1\r\nVia: x\r\n"]
    )
    func places(before: String, behind: String) throws {
        let fields = "X: 1\r\nvia:\t a b \r\nHost: h\r\nAccept:\r\nContent-Type:c\r\n"
        try Self.expect(
            Parts(
                target: "/kvs/a?b",
                fields: fields,
                known: [.via: "a b", .accept: "", .contentType: "c"]
            ),
            of: "\(before)PUT /kvs/a?b HTTP/1.1\r\n\(fields)\r\n\(behind)"
        )
    }

    @Test("A head without fields has an empty place for them")
    func noFields() throws {
        try Self.expect(Parts(target: "/", fields: ""), of: "\r\nGET / HTTP/1.0\r\n\r\n")
    }

    @Test(
        "Of a target in absolute-form the path and the query have the place",
        arguments: [
            ("http://h:80/kvs/a?b", "/kvs/a?b"), ("http://h", ""), ("http://h/", "/"),
            ("http://h?q/", "?q/"), ("hTTp://[::1]:8080/k", "/k"), ("/k", "/k"), ("*", "*"),
        ],
        ["", "\r\n\r\n"]
    )
    func absoluteForm(target: (String, String), before: String) throws {
        try Self.expect(
            Parts(target: target.1, fields: "Host: h\r\nVia: v\r\n", known: [.via: "v"]),
            of: "\(before)OPTIONS \(target.0) HTTP/1.1\r\nHost: h\r\nVia: v\r\n\r\n"
        )
    }

    @Test("Of several fields of a name the first has the place")
    func repeated() throws {
        try Self.expect(
            Parts(
                target: "/",
                fields: "Via: 1\r\nHost: h\r\nVIA: 22\r\n",
                known: [.via: "1"]
            ),
            of: "\r\nGET / HTTP/1.1\r\nVia: 1\r\nHost: h\r\nVIA: 22\r\n\r\n"
        )
        let text = "GET / HTTP/1.1\r\nVia: 1\r\nHost: h\r\nVIA: 22\r\nAccept: a\r\n\r\n"
        let head = try #require(try HeadParserTests.parse(text)?.head)
        #expect(head.known.isRepeated(.via) && !head.known.isRepeated(.accept))
    }

    @Test("The last field of the longest head has its place")
    func longest() throws {
        let start = "GET / HTTP/1.1\r\nVia: v\r\nHost: h\r\nX: "
        let end = "\r\nAccept: a\r\n\r\n"
        let filler = String(repeating: "x", count: 20_480 - start.utf8.count - end.utf8.count)
        let text = "\r\n\r\n" + start + filler + end
        for cut in [0, 1, 20_000, 20_483] {
            let parts = try Self.parts(of: text, cut: cut)
            #expect(parts.known == [.via: "v", .accept: "a"])
        }
    }
}
