import Testing

/// Which keys there are, and what is said about the others.
@Suite("Contract: keys", .sharedServers, .timeLimit(.minutes(10)))
struct ContractKeyTests {
    private static let legal = Set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_".utf8
    )

    @Test("a key of 1, 2, 249 and 250 characters is one", arguments: Deployment.all)
    func lengths(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        for length in [1, 2, 249, 250] {
            let key = String(repeating: "k", count: length)
            try client.put(key, "\(length)").expect(.created)
            try client.get(key).expect(.value("\(length)"))
            try client.delete(key).expect(.deleted)
        }
    }

    @Test("a key of 251 characters or more answers 400", arguments: Deployment.all)
    func tooLong(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        for length in [251, 252, 1000, 8000] {
            let key = String(repeating: "k", count: length)
            try client.put(key, "x").expectError(400, mentioning: "250")
            try client.get(key).expectError(400, mentioning: "250")
            try client.delete(key).expectError(400, mentioning: "250")
        }
    }

    @Test("the length is that of the decoded key", arguments: Deployment.all)
    func decodedLength(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let longest = String(repeating: "%7A", count: 250)
        try client.put(longest, "x").expect(.created)
        try client.get(String(repeating: "z", count: 250)).expect(.value("x"))
        try client.delete(longest).expect(.deleted)
        try client.get(longest + "%7A").expectError(400, mentioning: "too long")
    }

    @Test("no key answers 400", arguments: Deployment.all, ["/kvs/", "/kvs/?k"])
    func empty(deployment: Deployment, path: String) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        for method in ["GET", "DELETE"] {
            try client.send(method, path).expectError(400, mentioning: "empty")
        }
        try client.send("PUT", path, body: Array("val=x".utf8))
            .expectError(400, mentioning: "empty")
    }

    @Test("each legal character is itself, in either case", arguments: Deployment.all)
    func legalCharacters(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let prefix = uniqueKey("c")
        for byte in Self.legal {
            let character = String(UnicodeScalar(byte))
            try client.put(prefix + character, character).expect(.created)
        }
        for byte in Self.legal {
            let character = String(UnicodeScalar(byte))
            try client.get(prefix + character).expect(.value(character))
        }
    }

    @Test("a percent-escape of a legal character is that character", arguments: Deployment.all)
    func legalEscapes(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let prefix = uniqueKey("e")
        for byte in Self.legal {
            let character = String(UnicodeScalar(byte))
            let digits = String(byte, radix: 16)
            try client.put("\(prefix)%\(digits)", character).expect(.created)
            try client.get("\(prefix)%\(digits.uppercased())").expect(.value(character))
            try client.get(prefix + character).expect(.value(character))
        }
    }

    @Test("a percent-escape of any other byte answers 400", arguments: Deployment.all)
    func illegalEscapes(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        for byte in UInt8.min ... .max where !Self.legal.contains(byte) {
            let digits = String(byte, radix: 16, uppercase: true)
            let escape = byte < 16 ? "%0\(digits)" : "%\(digits)"
            for key in [escape, "a\(escape)", "\(escape)a", "a\(escape)a"] {
                try client.get(key).expectError(400, mentioning: "illegal character")
            }
            try client.put("a\(escape)", "x").expectError(400, mentioning: "illegal character")
            try client.delete("a\(escape)").expectError(400, mentioning: "illegal character")
        }
    }

    /// `?` ends the path; `%` begins an escape; a space and `#` end it for HTTP itself.
    @Test("any other visible character answers 400", arguments: Deployment.all)
    func illegalCharacters(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        for character in "!\"$&'()*+,-./:;<=>@[\\]^`{|}~" {
            for key in ["a\(character)", "\(character)a", "a\(character)a"] {
                try client.get(key).expectError(400, mentioning: "illegal character")
            }
            try client.put("a\(character)", "x").expectError(400, mentioning: "illegal character")
        }
    }

    @Test("a path below a key answers 400", arguments: Deployment.all)
    func slashes(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey()
        try client.put(key, "x").expect(.created)
        for path in ["\(key)/", "/\(key)", "\(key)/b", "\(key)%2F", "%2f\(key)", "../kvs/\(key)"] {
            try client.get(path).expectError(400, mentioning: "illegal character")
            try client.delete(path).expectError(400, mentioning: "illegal character")
        }
        try client.get(key).expect(.value("x"))
    }

    @Test("bytes that no request target may have answer 400", arguments: Deployment.all)
    func rawBytes(deployment: Deployment) throws {
        let server = try ServerUnderTest.shared(deployment)
        for byte: UInt8 in [0x00, 0x01, 0x09, 0x20, 0x23, 0x7f, 0x80, 0xc3, 0xff] {
            let target = Array("/kvs/a".utf8) + [byte] + Array("b".utf8)
            let request = Array("GET ".utf8) + target + Array(" HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
            try server.wire().exchange(request).expectError(400)
        }
    }

    @Test(
        "a malformed percent-escape answers 400",
        arguments: Deployment.all,
        ["%", "a%", "%4", "a%4", "%zz", "%4g", "%g4", "%%41", "%u0041", "% 41", "%+1", "%-1"]
    )
    func malformedEscapes(deployment: Deployment, key: String) throws {
        let wire = try ServerUnderTest.shared(deployment).wire()
        try wire.exchange("GET /kvs/\(key) HTTP/1.1\r\nHost: x\r\n\r\n").expectError(400)
    }

    @Test("keys are case-sensitive", arguments: Deployment.all)
    func caseSensitive(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey("Case")
        try client.put(key, "x").expect(.created)
        try client.get(key.lowercased()).expect(.missing)
        try client.put(key.uppercased(), "y").expect(.created)
        try client.get(key).expect(.value("x"))
    }

    @Test("words of the API and of other stores are keys like any other", arguments: Deployment.all)
    func ordinaryWords(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        for key in ["kvs", "val", "livez", "__proto__", "null", "0", "_", "constructor", "true"] {
            try client.get(key).expect(.missing)
            try client.put(key, key).expect(.created)
            try client.get(key).expect(.value(key))
            try client.delete(key).expect(.deleted)
        }
    }
}
