/// What kvs promises beyond the contract.
extension ContractCases {
    private typealias Step = ContractCase.Step

    private static let bytesOnly = ["Accept: application/octet-stream"]
    private static let octetStream = "application/octet-stream"
    private static let form = "application/x-www-form-urlencoded"

    package static let beyond: [ContractCase] =
        values + keys + requests + conditions + timesToLive + lists + paths

    private static let values: [ContractCase] = [
        ContractCase("an empty value") { key in
            [Step(.put(key, form: "val="), .created), Step(.get(key), .value(""))]
        },
        ContractCase("a value that is not text") { key in
            [
                Step(.put(key, [0xff, 0x00, 0xfe], type: octetStream), .created),
                Step(
                    .get(key),
                    ContractExpectation(
                        200,
                        .json(#"{"msg":"success","value":"/wD+","encoding":"base64"}"#)
                    )
                ),
                Step(.get(key, headers: bytesOnly), .octets([0xff, 0x00, 0xfe])),
            ]
        },
        ContractCase("each byte there is") { key in
            let value = Array(UInt8.min ... .max)
            return [
                Step(.put(key, value, type: octetStream), .created),
                Step(.get(key, headers: bytesOnly), .octets(value)),
            ]
        },
        ContractCase("bytes for who takes nothing else") { key in
            [
                Step(.get(key, headers: bytesOnly), .missing),
                Step(.put(key, form: "val=bart"), .created),
                Step(.get(key, headers: bytesOnly), .octets(Array("bart".utf8))),
                Step(.get(key, headers: ["Accept: text/html, */*;q=0.8"]), .value("bart")),
            ]
        },
        ContractCase("a value of 1.5 MiB and a byte") { key in
            let value = [UInt8](repeating: 0x76, count: maximumValueBytes + 1)
            return [
                Step(.put(key, Array("val=".utf8) + value, type: form), .error(413)),
                Step(.put(key, value, type: octetStream), .error(413)),
                Step(.get(key), .missing),
            ]
        },
    ]

    private static let keys: [ContractCase] = [
        ContractCase("an escape in a key") { key in
            [
                Step(.put(key, form: "val=plain"), .created),
                Step(.get(escaped(key)), .value("plain")),
            ]
        },
        ContractCase("a key of 251 characters") { key in
            let key = lengthened(key, to: 251)
            return [
                Step(.put(key, form: "val=x"), .error(400, mentioning: "250")),
                Step(.get(key), .error(400, mentioning: "250")),
                Step(.delete(key), .error(400, mentioning: "250")),
            ]
        },
        ContractCase("a key with a hyphen") { key in
            [
                Step(.put("\(key)-x", form: "val=x"), .error(400, mentioning: "illegal character")),
                Step(.get("\(key)-x"), .error(400, mentioning: "illegal character")),
            ]
        },
        ContractCase("no key") { _ in
            [
                Step(.get(""), .error(400, mentioning: "empty")),
                Step(.put("", form: "val=x"), .error(400, mentioning: "empty")),
                Step(.delete(""), .error(400, mentioning: "empty")),
            ]
        },
    ]

    private static let requests: [ContractCase] = [
        ContractCase("GET and DELETE with a body") { key in
            let path = "/kvs/\(key)"
            // A body that would be another request, if it were taken for one.
            let body = Array("DELETE \(path) HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
            return [
                Step(.put(key, form: "val=bart"), .created),
                Step(ContractRequest("GET", path, body: body), .value("bart")),
                Step(.get(key), .value("bart")),
                Step(ContractRequest("DELETE", path, body: body), .success),
                Step(.get(key), .missing),
            ]
        },
        ContractCase("HEAD") { key in
            [
                Step(.put(key, form: "val=bart"), .created),
                Step(ContractRequest("HEAD", "/kvs/\(key)"), head(200, of: .value("bart"))),
                Step(.delete(key), .success),
                Step(ContractRequest("HEAD", "/kvs/\(key)"), head(404, of: .missing)),
            ]
        },
        ContractCase("a query after the key") { key in
            let path = "/kvs/\(key)"
            let body = Array("val=bart".utf8)
            return [
                Step(
                    ContractRequest("PUT", "\(path)?val=lisa", headers: type, body: body),
                    .created
                ),
                Step(ContractRequest("GET", "\(path)?a/b?c"), .value("bart")),
                Step(ContractRequest("DELETE", "\(path)?val"), .success),
            ]
        },
        ContractCase("a PUT without a value") { key in
            [
                Step(ContractRequest("PUT", "/kvs/\(key)"), .error(400, mentioning: "val=")),
                Step(.put(key, [], type: form), .error(400, mentioning: "val=")),
                Step(.put(key, form: "value=x"), .error(400, mentioning: "val=")),
                Step(.put(key, form: "val=1&val=2"), .error(400)),
                Step(.get(key), .missing),
            ]
        },
        ContractCase("a body with a coding") { key in
            let body = Array("val=1".utf8)
            return [
                Step(.put(key, body, type: form, headers: ["Content-Encoding: gzip"]), .error(415)),
                Step(.get(key), .missing),
                Step(
                    .put(key, body, type: form, headers: ["Content-Encoding: identity"]),
                    .created
                ),
            ]
        },
        ContractCase("other methods") { key in
            let body = Array("val=1".utf8)
            return [
                Step(ContractRequest("POST", "/kvs/\(key)", headers: type, body: body), notAllowed),
                Step(ContractRequest("PATCH", "/kvs/\(key)"), notAllowed),
                Step(.get(key), .missing),
            ]
        },
    ]

    private static let paths: [ContractCase] = [
        ContractCase("another path") { _ in
            [
                Step(ContractRequest("GET", "/other"), .error(404, mentioning: "no such path")),
                Step(ContractRequest("DELETE", "/other"), .error(404, mentioning: "no such path")),
            ]
        },
        ContractCase("health") { _ in
            [
                Step(ContractRequest("GET", "/livez"), .success),
                Step(ContractRequest("GET", "/readyz"), .success),
            ]
        },
    ]

    /// What a forwarder whose main is away says beyond the contract.
    package static let mainAwayBeyond: [ContractCase] = [
        ContractCase("health, the main away") { _ in
            [
                Step(ContractRequest("GET", "/livez"), .success),
                Step(ContractRequest("GET", "/readyz"), .error(503)),
            ]
        }
    ]

    private static let type = ["Content-Type: \(form)"]
    private static let notAllowed = ContractExpectation(
        405,
        .error(mentioning: ""),
        field: ("Allow", ["GET", "HEAD", "PUT", "DELETE"])
    )

    /// The reply to HEAD where GET is answered that JSON.
    private static func head(
        _ status: Int,
        of expectation: ContractExpectation
    ) -> ContractExpectation {
        guard case .json(let text) = expectation.body else {
            preconditionFailure("HEAD is asked for JSON only")
        }
        return ContractExpectation(
            status,
            .none,
            field: ("Content-Length", ["\(text.utf8.count)"])
        )
    }

    /// A key with its first character as an escape.
    private static func escaped(_ key: String) -> String {
        guard let first = key.utf8.first else { return key }
        return "%\(String(first, radix: 16))\(key.dropFirst())"
    }
}
