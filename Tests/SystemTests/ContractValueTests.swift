import ContractCases
import Foundation
import TestSupport
import Testing

/// How a value leaves: as a JSON string, as base64, as the bytes themselves.
@Suite("Contract: values", .sharedServers, .timeLimit(.minutes(10)))
struct ContractValueTests {
    private static let bytesOnly = ["Accept: application/octet-stream"]

    @Test(
        "text comes back as a JSON string",
        arguments: Deployment.all,
        [
            "", "bart", " ", "0", "null", "{\"a\":1}", "\"", "\\", "/", "a\\\"b", "\\u0041",
            "\u{8}\u{9}\u{a}\u{c}\u{d}", "\0", "a\0b", "\u{1}\u{1f}", "\u{7f}", "é", "e\u{301}",
            "€", "😀", "\u{fffd}", "\u{ffff}", "\u{10ffff}", "\u{2028}\u{2029}", "\u{feff}x",
            "<script>&'", "日本語",
        ]
    )
    func text(deployment: Deployment, value: String) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey()
        try client.put(key, value).expect(.created)
        let reply = try client.get(key)
        #expect(reply.status == 200)
        #expect(reply[header: "Content-Type"] == "application/json")
        #expect(reply.text.hasPrefix(#"{"msg":"success","value":""#) && reply.text.hasSuffix("\"}"))
        let fields = try reply.json()
        #expect(fields.msg == "success" && fields.encoding == nil)
        #expect(fields.value.map { Array($0.utf8) } == Array(value.utf8))
        let raw = try client.get(key, headers: Self.bytesOnly)
        raw.expect(octets: Array(value.utf8))
    }

    @Test("each control character comes back as it was", arguments: Deployment.all)
    func controls(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey()
        let value = Array(UInt8.min..<0x80)
        try client.put(key, form: ClientBody.urlEncoded([("val", value)])).expect(.created)
        let reply = try client.get(key)
        #expect(!reply.body.contains { $0 < 0x20 }, "RFC 8259 §7: controls are escaped")
        reply.expect(value: value)
    }

    @Test(
        "what is not UTF-8 comes back as base64, and says so",
        arguments: Deployment.all,
        [
            [0xff], [0x80], [0xc3], [0xc3, 0x28], [0xe2, 0x82], [0xf0, 0x9f, 0x98],
            [0xc0, 0x80], [0xc1, 0xbf], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80],
            [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xf0, 0x80, 0x80, 0x80],
            [0x61, 0x62, 0xff], [0xff, 0x61], [0xfe, 0xff, 0x00, 0x61], [0xc3, 0xa9, 0x80],
        ] as [[UInt8]]
    )
    func base64(deployment: Deployment, value: [UInt8]) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey()
        try client.put(key, body: value, contentType: "application/octet-stream").expect(.created)
        let encoded = Data(value).base64EncodedString()
        try client.get(key).expect(
            ExpectedReply(
                status: 200,
                body: #"{"msg":"success","value":"\#(encoded)","encoding":"base64"}"#
            )
        )
        try client.get(key, headers: Self.bytesOnly).expect(octets: value)
    }

    @Test("with Accept: application/octet-stream the bytes themselves", arguments: Deployment.all)
    func octets(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey()
        let value = Array(UInt8.min ... .max)
        try client.put(key, body: value, contentType: "application/octet-stream").expect(.created)
        let reply = try client.get(key, headers: Self.bytesOnly)
        reply.expect(octets: value)
        #expect(reply[header: "Content-Length"] == "256")
        try client.get(uniqueKey(), headers: Self.bytesOnly).expect(.missing)
        try client.delete(key, headers: Self.bytesOnly).expect(.deleted)
    }

    @Test(
        "with any other Accept, JSON",
        arguments: Deployment.all,
        [
            "*/*", "application/json", "text/html,application/xhtml+xml,*/*;q=0.8", "application/*",
            "",
        ]
    )
    func otherAccept(deployment: Deployment, accept: String) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey()
        try client.put(key, "bart").expect(.created)
        try client.get(key, headers: ["Accept: \(accept)"]).expect(.value("bart"))
    }

    @Test("a value replaces one of any other size and kind", arguments: Deployment.all)
    func replacement(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey()
        let values: [[UInt8]] = [
            Array("bart".utf8), [UInt8](repeating: 0xff, count: 100_000), [],
            [UInt8](repeating: UInt8(ascii: "x"), count: 200_000), [0xff], Array("lisa".utf8),
        ]
        for (index, value) in values.enumerated() {
            try client.put(key, body: value, contentType: "application/octet-stream")
                .expect(index == 0 ? .created : .replaced)
            try client.get(key).expect(value: value)
            try client.get(key, headers: Self.bytesOnly).expect(octets: value)
        }
    }

    /// Whatever bytes go in by any of the body forms come out the same.
    @Test("random bytes come back the same", arguments: Deployment.all)
    func randomBytes(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey()
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<60 {
            let isText = Bool.random(using: &generator)
            let count = Int.random(in: 0...300, using: &generator)
            let range: ClosedRange<UInt8> = isText ? 0...0x7f : 0...0xff
            let value = (0..<count).map { _ in UInt8.random(in: range, using: &generator) }
            for form in BodyForm.allCases where isText || form != .json {
                let body = form.body(of: value)
                let reply = try client.put(key, body: body, contentType: form.contentType)
                #expect(reply.status == 200 || reply.status == 201)
                try client.get(key).expect(value: value)
                try client.get(key, headers: Self.bytesOnly).expect(octets: value)
            }
        }
    }
}
