/// Tags, and what is done only if they match.
extension ContractCases {
    private typealias Step = ContractCase.Step

    /// What `xxh128sum` says of the values that the cases put.
    private static let bart = "0a3e2d18537f93433489e1b1ea5b12b5"
    private static let lisa = "535a534bb43b0129fb023f57925f0500"

    private static let bytesOnly = "Accept: application/octet-stream"

    static let conditions: [ContractCase] = [
        ContractCase("the tag of a value") { key in
            [
                Step(.put(key, form: "val=bart"), tagged(.created, bart)),
                Step(.get(key), tagged(.value("bart"), bart)),
                Step(.head(key), tagged(ContractExpectation(200, .none), bart)),
                Step(.get(key, headers: [bytesOnly]), tagged(bytes, "\(bart)-raw")),
                Step(.put(key, form: "val=lisa"), tagged(.replaced, lisa)),
                Step(.get(key), tagged(.value("lisa"), lisa)),
                Step(.put(key, form: "val=bart"), tagged(.replaced, bart)),
                Step(.delete(key), .success.without("ETag")),
                Step(.get(key), .missing.without("ETag")),
            ]
        },
        ContractCase("GET unless it matches") { key in
            let same = tagged(ContractExpectation(304, .nothing), bart)
            func get(_ fields: String...) -> ContractRequest { .get(key, headers: fields) }
            return [
                Step(get("If-None-Match: *"), .missing),
                Step(.put(key, form: "val=bart"), .created),
                Step(get("If-None-Match: \"\(bart)\""), same),
                Step(.head(key, headers: ["If-None-Match: \"\(bart)\""]), same),
                Step(get("If-None-Match: W/\"\(bart)\""), same),
                Step(get("If-None-Match: \"x\",, \"\(bart)\""), same),
                Step(get("If-None-Match: \"x\"", "If-None-Match: \"\(bart)\""), same),
                Step(get("If-None-Match: *"), same),
                Step(get("If-None-Match: \"\(lisa)\""), .value("bart")),
                // The tag of the other form.
                Step(get("If-None-Match: \"\(bart)-raw\""), .value("bart")),
                Step(get("If-None-Match: \"\(bart)\"", bytesOnly), tagged(bytes, "\(bart)-raw")),
                Step(
                    get("If-None-Match: \"\(bart)-raw\"", bytesOnly),
                    tagged(ContractExpectation(304, .nothing), "\(bart)-raw")
                ),
            ]
        },
        ContractCase("GET if it matches") { key in
            [
                Step(.get(key, headers: ["If-Match: *"]), .missing),
                Step(.put(key, form: "val=bart"), .created),
                Step(.get(key, headers: ["If-Match: \"\(bart)\""]), .value("bart")),
                Step(.get(key, headers: ["If-Match: *"]), .value("bart")),
                Step(.get(key, headers: ["If-Match: \"\(lisa)\""]), failed(bart)),
                Step(.get(key, headers: ["If-Match: W/\"\(bart)\""]), failed(bart)),
            ]
        },
        ContractCase("PUT if it matches") { key in
            func put(_ value: String, _ field: String) -> ContractRequest {
                .put(key, form: "val=\(value)", headers: [field])
            }
            return [
                Step(put("bart", "If-Match: *"), failed.without("ETag")),
                Step(put("bart", "If-Match: \"\(bart)\""), failed.without("ETag")),
                Step(.get(key), .missing),
                Step(put("bart", "If-None-Match: *"), tagged(.created, bart)),
                Step(put("lisa", "If-None-Match: *"), failed(bart)),
                Step(put("lisa", "If-Match: \"\(lisa)\""), failed(bart)),
                Step(put("lisa", "If-Match: W/\"\(bart)\""), failed(bart)),
                Step(put("lisa", "If-None-Match: \"\(bart)\""), failed(bart)),
                Step(.get(key), .value("bart")),
                Step(put("lisa", "If-Match: \"\(bart)\""), tagged(.replaced, lisa)),
                // What was lost has been written by somebody else in between.
                Step(put("maggie", "If-Match: \"\(bart)\""), failed(lisa)),
                Step(put("bart", "If-Match: \"x\", \"\(lisa)-raw\""), tagged(.replaced, bart)),
                Step(put("lisa", "If-Match: *"), tagged(.replaced, lisa)),
            ]
        },
        ContractCase("DELETE if it matches") { key in
            func delete(_ field: String) -> ContractRequest { .delete(key, headers: [field]) }
            return [
                Step(delete("If-Match: \"\(bart)\""), .missing),
                Step(.put(key, form: "val=bart"), .created),
                Step(delete("If-Match: \"\(lisa)\""), failed(bart)),
                Step(delete("If-None-Match: \"\(bart)\""), failed(bart)),
                Step(.get(key), .value("bart")),
                Step(delete("If-Match: \"\(bart)\""), .success),
                Step(.get(key), .missing),
            ]
        },
        ContractCase("conditions that are none") { key in
            let tags = (0...64).map { number in
                "\"\(String(repeating: "0", count: 30))\(10 + number)\""
            }
            let many = "If-Match: \(tags.joined(separator: ", "))"
            return ["bart", "\"bart", "*, \"bart\"", "\"a b\"", "\"a\" \"b\"", "w/\"a\""].flatMap {
                list in
                [
                    Step(
                        .put(key, form: "val=x", headers: ["If-Match: \(list)"]),
                        .error(400, mentioning: "If-Match")
                    ),
                    Step(
                        .get(key, headers: ["If-None-Match: \(list)"]),
                        .error(400, mentioning: "If-None-Match")
                    ),
                ]
            } + [
                Step(.delete(key, headers: [many]), .error(400, mentioning: "too many")),
                Step(.get(key), .missing),
            ]
        },
    ]

    private static let bytes = ContractExpectation.octets(Array("bart".utf8))
    private static let failed = ContractExpectation.error(412, mentioning: "precondition failed")

    /// 412, where the key has the value of that tag.
    private static func failed(_ tag: String) -> ContractExpectation { tagged(failed, tag) }

    private static func tagged(
        _ expectation: ContractExpectation,
        _ tag: String
    ) -> ContractExpectation {
        expectation.with("ETag", "\"\(tag)\"")
    }
}
