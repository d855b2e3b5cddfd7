import TestSupport
import Testing

@testable import Wire

@Suite("RequestReader: the head of the present request")
struct RequestReaderFieldsTests {
    private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    private static func values(_ reader: borrowing RequestReader, of name: FieldName) -> [String] {
        var values: [String] = []
        reader.forEachField(name) { values.append(text($0)) }
        return values
    }

    private static func fields(_ reader: borrowing RequestReader) -> [String] {
        var fields: [String] = []
        reader.fields.forEach { fields.append(text($0) + "=" + text($1)) }
        return fields
    }

    /// A reader that has taken all of `text`, a whole request, in pieces that end at `cuts`.
    private static func reader(of text: String, cuts: [Int] = []) throws -> RequestReader {
        var reader = RequestReader(limits: RequestFeed.limits())
        let bytes = [UInt8](text)
        for (start, end) in zip([0] + cuts, cuts + [bytes.count]) {
            try withExactBytes(Array(bytes[start..<end])) { piece in
                var position = 0
                while position < piece.count {
                    position += try reader.take(piece.slice(position..<piece.count)) { _ in }
                        .consumed
                }
            }
        }
        return reader
    }

    @Test("Method, target and fields are those of the head, wherever it was cut")
    func head() throws {
        let fields = "Via:  1.1 x \r\nhost: h\r\nACCEPT:\t*/*\t\r\nX:\r\n"
        let text = "\r\n\r\nGET /kvs/a?b HTTP/1.1\r\n\(fields)\r\n"
        for cuts in [[]] + (0...text.utf8.count).map({ [$0] }) + [Array(1..<text.utf8.count)] {
            let reader = try Self.reader(of: text, cuts: cuts)
            let method = reader.method
            #expect(method == .get)
            let target = Self.text(reader.target)
            #expect(target == "/kvs/a?b", "cut at \(cuts.prefix(3))")
            let fields = Self.fields(reader)
            #expect(fields == ["Via=1.1 x", "host=h", "ACCEPT=*/*", "X="])
            let known = [FieldName.via, .accept].map { reader.field($0).map(Self.text) }
            #expect(known == ["1.1 x", "*/*"], "cut at \(cuts.prefix(3))")
            let isMissing = reader.field(.contentType) == nil
            #expect(isMissing)
        }
    }

    @Test(
        "Of a target in absolute-form the path counts, behind empty lines as well",
        arguments: [
            ("http://h/kvs/a?b", "/kvs/a?b"), ("HTTP://h:80/", "/"), ("http://h", ""),
            ("http://h?a", "?a"), ("*", "*"), ("/http://h/", "/http://h/"),
        ],
        ["", "\r\n\r\n"]
    )
    func target(target: (String, String), lines: String) throws {
        let text = "\(lines)OPTIONS \(target.0) HTTP/1.1\r\nHost: h\r\nVia: a\r\n\r\n"
        for cut in 0...text.utf8.count {
            let reader = try Self.reader(of: text, cuts: [cut])
            let found = Self.text(reader.target)
            #expect(found == target.1, "cut at \(cut)")
            let via = reader.field(.via).map(Self.text)
            #expect(via == "a")
        }
    }

    @Test(
        "Each field that somebody asks for is found by its name, in any case, without white space",
        arguments: [
            ("Accept", .accept), ("Connection", .connection), ("Content-Type", .contentType),
            ("Content-Encoding", .contentEncoding), ("Content-Range", .contentRange),
            ("Via", .via), ("X-Forwarded-For", .xForwardedFor),
        ] as [(String, FieldName)]
    )
    func known(name: String, field: FieldName) throws {
        for name in [name, name.lowercased(), name.uppercased()] {
            for (value, expected) in [
                ("v", "v"), (" v", "v"), ("v\t", "v"), ("\t \tv\t ", "v"), ("  v w ", "v w"),
            ] {
                let head = "GET / HTTP/1.1\r\nHost: h\r\nX\(name): n\r\n\(name):\(value)\r\n\r\n"
                let reader = try Self.reader(of: head)
                let found = reader.field(field).map(Self.text)
                #expect(found == expected)
                let values = Self.values(reader, of: field)
                #expect(values == [expected])
                for other in FieldName.allCases where other != field {
                    let isMissing = reader.field(other) == nil
                    #expect(isMissing)
                    let values = Self.values(reader, of: other)
                    #expect(values == [])
                }
            }
        }
    }

    @Test("All fields of a name come in order, and the first is the one that stands for them")
    func repeated() throws {
        let reader = try Self.reader(
            of: "GET / HTTP/1.1\r\nAccept: 1\r\nHost: h\r\nVia: 2\r\naccept:\t3\r\nACCEPT:\r\n\r\n"
        )
        let first = reader.field(.accept).map(Self.text)
        #expect(first == "1")
        let accept = Self.values(reader, of: .accept)
        #expect(accept == ["1", "3", ""])
        let via = Self.values(reader, of: .via)
        #expect(via == ["2"])
    }

    @Test("A field without a value is there, and empty")
    func empty() throws {
        let reader = try Self.reader(of: "GET / HTTP/1.1\r\nAccept: \t\r\nHost: h\r\n\r\n")
        let value = reader.field(.accept).map(Self.text)
        #expect(value == "")
        let values = Self.values(reader, of: .accept)
        #expect(values == [""])
    }

    @Test(
        "The fields of a request are there until its body is complete, and are not the next one's"
    )
    func whileTheBodyComes() throws {
        var reader = try Self.reader(
            of: "PUT /a HTTP/1.1\r\nHost: h\r\nAccept: 1\r\nContent-Length: 3\r\n\r\nab"
        )
        var target = Self.text(reader.target)
        var accept = reader.field(.accept).map(Self.text)
        #expect(target == "/a" && accept == "1")
        try withExactBytes([UInt8]("c")) { _ = try reader.take($0) { _ in } }
        target = Self.text(reader.target)
        #expect(target == "/a")
        reader.finish()
        let isForgotten = reader.target.isEmpty && reader.fields.bytes.isEmpty
        #expect(isForgotten)
        let next = [UInt8]("GET /next HTTP/1.1\r\nHost: h\r\nVia: 2\r\n\r\n")
        try withExactBytes(next) { _ = try reader.take($0) { _ in } }
        target = Self.text(reader.target)
        accept = reader.field(.accept).map(Self.text)
        #expect(target == "/next" && accept == nil)
        let fields = Self.fields(reader)
        #expect(fields == ["Host=h", "Via=2"])
    }

    @Test("The head is kept, and neither empty lines nor the body, wherever the bytes are cut")
    func kept() throws {
        let head = "PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n"
        let text = "\r\n\r\n" + head + "abc"
        for cut in 0...text.utf8.count {
            let reader = try Self.reader(of: text, cuts: [cut])
            let held = reader.heldBytes
            #expect(held == head.utf8.count, "cut at \(cut)")
        }
    }

    @Test("A head of the largest size is kept whole, in one piece and byte by byte")
    func large() throws {
        let start = "GET / HTTP/1.1\r\nHost: h\r\nX: "
        let filler = String(repeating: "x", count: 16_384 - start.utf8.count - 12)
        let text = start + filler + "\r\nVia: a\r\n\r\n"
        for cuts in [[], Array(1..<text.utf8.count)] {
            let reader = try Self.reader(of: text, cuts: cuts)
            let fields = Self.fields(reader)
            #expect(fields == ["Host=h", "X=" + filler, "Via=a"])
            let via = reader.field(.via).map(Self.text)
            #expect(via == "a")
            let held = reader.heldBytes
            #expect(held == text.utf8.count)
        }
    }
}
