import TestSupport
import Testing

@testable import Wire

@Suite("QueryParameters")
struct QueryParametersTests {
    /// The value of each parameter of that name; nil for one that is malformed or too long.
    private static func values(of name: StaticString, in query: String) -> [String?] {
        withExactBytes([UInt8](query.utf8)) { bytes in
            QueryParameters(bytes).filter { $0.isNamed(name) }.map { parameter in
                parameter.withValue { value in value.map { String(decoding: $0, as: UTF8.self) } }
            }
        }
    }

    @Test("Parameters are taken apart at & and the first =, and decoded")
    func values() {
        #expect(Self.values(of: "ttl", in: "ttl=5") == ["5"])
        #expect(Self.values(of: "ttl", in: "a=1&ttl=5&&b&ttl=6&") == ["5", "6"])
        #expect(Self.values(of: "ttl", in: "ttl") == [""])
        #expect(Self.values(of: "ttl", in: "ttl=") == [""])
        #expect(Self.values(of: "ttl", in: "ttl==5=") == ["=5="])
        #expect(Self.values(of: "ttl", in: "%74%54L=0&%74t%6c=%35") == ["5"])
        #expect(Self.values(of: "ttl", in: "ttl=a+b%2B%26%3D") == ["a+b+&="])
        #expect(Self.values(of: "ttl", in: "TTL=5&ttll=5&tt=5&=ttl&xttl=1").isEmpty)
        #expect(Self.values(of: "ttl", in: "").isEmpty)
    }

    @Test("A malformed escape has no value, and in a name makes it none of ours")
    func malformed() {
        #expect(Self.values(of: "ttl", in: "ttl=%&ttl=%3&ttl=%G1&ttl=7") == [nil, nil, nil, "7"])
        #expect(Self.values(of: "ttl", in: "tt%6=5&%ttl=5&ttl%=5").isEmpty)
    }

    @Test("A value may have 256 bytes, decoded")
    func long() {
        let longest = String(repeating: "v", count: 256)
        #expect(Self.values(of: "p", in: "p=\(longest)&p=\(longest)v") == [longest, nil])
        let escaped = String(repeating: "%76", count: 256)
        #expect(Self.values(of: "p", in: "p=\(escaped)&p=\(escaped)%76") == [longest, nil])
    }
}
