import TestSupport
import Testing

@testable import Wire

@Suite("FieldBlock, HopByHop and ConnectionOptions")
struct FieldBlockTests {
    /// The fields of a block that a gateway passes on, one a line.
    private static func endToEnd(
        _ fields: [String],
        omittedBy isOmitted: (UnsafeRawBufferPointer) -> Bool = HopByHop.isOmittedFromReply
    ) -> [String] {
        let text = fields.map { $0 + "\r\n" }.joined()
        return withExactBytes([UInt8](text)) { bytes in
            var lines = FieldLines()
            FieldBlock(bytes: bytes).writeEndToEndFields(to: &lines, by: isOmitted)
            let written = String(decoding: lines.bytes, as: UTF8.self)
            return written.split(separator: "\r\n").map(String.init)
        }
    }

    @Test("Each field comes in order, its value without the white space around it")
    func fields() {
        let text = "A: b\r\nC:\r\nD:\t e\t f \r\na:b:c\r\nempty: \t\r\nE:\u{E4}\r\n"
        let fields = withExactBytes([UInt8](text)) { bytes in
            var fields: [String] = []
            FieldBlock(bytes: bytes).forEach { name, value in
                let parts = [name, value].map { String(decoding: $0, as: UTF8.self) }
                fields.append(parts.joined(separator: "="))
            }
            return fields
        }
        #expect(fields == ["A=b", "C=", "D=e\t f", "a=b:c", "empty=", "E=\u{E4}"])
        #expect(Self.endToEnd([]) == [])
    }

    @Test(
        "Fields for one hop, and those that frame the message, are not passed on, in any case",
        arguments: [
            "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Upgrade",
            "Transfer-Encoding", "Content-Length", "Proxy-Authenticate", "Proxy-Authorization",
        ]
    )
    func hopByHop(name: String) {
        for name in [name, name.lowercased(), name.uppercased()] {
            #expect([UInt8](name).withUnsafeBytes { HopByHop.contains($0) })
            #expect(Self.endToEnd(["X: 1", "\(name): a", "Y: 2"]) == ["X: 1", "Y: 2"])
            for other in [name + "s", "X" + name, String(name.dropLast()), "x" + name.dropFirst()] {
                #expect(![UInt8](other).withUnsafeBytes { HopByHop.contains($0) }, "\(other)")
                #expect(Self.endToEnd(["\(other): a"]) == ["\(other): a"])
            }
        }
    }

    @Test("What a gateway writes anew is left out, each time it comes")
    func writtenAnew() {
        let date = ["Date: 1", "X: 2", "DATE: 3", "Dates: 4"]
        #expect(Self.endToEnd(date) == ["X: 2", "Dates: 4"])
        let isOmitted = HopByHop.isOmittedFromRequest
        #expect(Self.endToEnd(date, omittedBy: isOmitted) == date)
        let fields = ["hOST: 1", "Via: 2", "X: 3", "Expect: 4", "X-Forwarded-For: 5", "VIA: 6"]
        #expect(Self.endToEnd(fields, omittedBy: isOmitted) == ["X: 3"])
        #expect(Self.endToEnd(fields) == fields)
    }

    @Test(
        "What any Connection field names is for one hop",
        arguments: [
            (["Connection: b"], "AC"), (["Connection: close, B ,c"], "A"),
            (["Connection: a", "connection: c"], "B"), (["CONNECTION:,,b,"], "AC"),
            (["Connection: ab, bc, close"], "ABC"), (["Connection:"], "ABC"),
            (["Connection: content-length, keep-alive"], "ABC"), (["Connection: c, b, a"], ""),
        ]
    )
    func named(connection: [String], expected: String) {
        let fields = ["A: 1", "B: 2"] + connection + ["C: 3", "b: 4"]
        let names = Self.endToEnd(fields).map { $0.prefix(1).uppercased() }
        #expect(Set(names) == Set(expected.map(String.init)))
    }

    @Test(
        "A name is found among any number of others, in any case, and no other is",
        arguments: 1...6
    )
    func options(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let count = [0, 1, 2, 3, 100, 1000][Int(seed) - 1]
        let letters = [UInt8]("abXY-")
        let names = (0..<count).map { _ in
            random.bytes(Int.random(in: 1...6, using: &random), of: letters)
        }
        let list = [UInt8](
            names.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ", ")
        )
        func lowercased(_ name: [UInt8]) -> [UInt8] { name.map(\.asciiLowercased) }
        let set = Set(names.map(lowercased))
        withExactBytes(list) { list in
            var options = ConnectionOptions()
            options.add(list)
            options.sort()
            for _ in 0..<1000 {
                let name = random.bytes(Int.random(in: 0...7, using: &random), of: letters)
                let isFound = withExactBytes(name) { options.contains($0) }
                #expect(isFound == set.contains(lowercased(name)), "\(name)")
            }
            for name in names {
                #expect(withExactBytes(lowercased(name)) { options.contains($0) })
            }
        }
    }
}
