/// Times to live, and lists of keys.
extension ContractCases {
    private typealias Step = ContractCase.Step

    static let timesToLive: [ContractCase] = [
        ContractCase("a time to live") { key in
            [
                Step(.put("\(key)?ttl=1000", form: "val=bart"), .created.without("KVS-TTL")),
                Step(.get(key), .value("bart").with("KVS-TTL", in: 900...1000)),
                Step(
                    .head(key),
                    ContractExpectation(200, .none).with("KVS-TTL", in: 900...1000)
                ),
                Step(
                    .get(key, headers: ["If-None-Match: *"]),
                    ContractExpectation(304, .nothing).with("KVS-TTL", in: 900...1000)
                ),
                Step(.put("\(key)?ttl=4294967295", form: "val=lisa"), .replaced),
                Step(
                    .get("\(key)?ttl=1"),
                    .value("lisa").with("KVS-TTL", in: 4_294_967_195...4_294_967_295)
                ),
                Step(.put(key, form: "val=maggie"), .replaced),
                Step(.get(key), .value("maggie").without("KVS-TTL")),
            ]
        },
        ContractCase("a time that is over") { key in
            let key = "\(key)_passing"
            return [
                Step(.put("\(key)?ttl=1", form: "val=bart"), .created),
                Step(.get(key), .missing, within: .seconds(5)),
                Step(.list("prefix=\(key)"), .keys()),
                Step(.delete(key), .missing),
                Step(.put("\(key)?ttl=9", form: "val=lisa", headers: ["If-Match: *"]), .error(412)),
                Step(.put(key, form: "val=lisa"), .created),
            ]
        },
        ContractCase("a time to live that is none") { key in
            ["", "0", "4294967296", "-1", "1.5", "1s", "1&ttl=1", "%zz"].map { text in
                Step(.put("\(key)?ttl=\(text)", form: "val=x"), .error(400, mentioning: "ttl"))
            } + [Step(.get(key), .missing)]
        },
    ]

    static let lists: [ContractCase] = [
        ContractCase("a list of keys") { key in
            let keys = ["a", "b", "c"].map { "\(key)_\($0)" }
            return [Step(.list("prefix=\(key)_"), .keys())]
                + keys.map { Step(.put($0, form: "val=x"), .created) }
                + [
                    Step(.list("prefix=\(key)_"), .keys(keys)),
                    Step(.list("limit=10000&prefix=\(key)%5F&cursor="), .keys(keys)),
                    Step(.list("limit=1&prefix=\(key)_"), .keys(keys, limit: 1)),
                    Step(.list("limit=&prefix=\(key)_b"), .keys([keys[1]])),
                    Step(
                        ContractRequest("HEAD", "/kvs?prefix=\(key)_"),
                        ContractExpectation(200, .none)
                    ),
                    Step(.delete(keys[0]), .success),
                    Step(.list("prefix=\(key)_"), .keys(Array(keys[1...]))),
                ]
        },
        ContractCase("a list that is none") { key in
            [
                ("limit=0", "limit"), ("limit=10001", "limit"), ("limit=x", "limit"),
                ("prefix=a-b", "prefix"), ("prefix=\(lengthened(key, to: 251))", "prefix"),
                ("cursor=x", "cursor"),
                ("cursor=\(String(repeating: "0", count: 32))", "cursor"),
                ("prefx=\(key)", "unknown query parameter"),
                ("prefix=\(key)&prefix=\(key)", "more than once"),
            ].map { Step(.list($0.0), .error(400, mentioning: $0.1)) }
        },
    ]
}

extension ContractExpectation {
    /// A list of exactly these keys.
    fileprivate static func keys(_ keys: [String] = [], limit: Int = 10_000) -> Self {
        Self(200, .keys(keys, limit: limit))
    }
}
