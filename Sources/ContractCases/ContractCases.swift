/// The contract as tables, for the tests and for `kvs check`: one place for both.
package enum ContractCases {
    private typealias Step = ContractCase.Step

    /// The largest value, in bytes: 1.5 MiB.
    static let maximumValueBytes = 1_572_864

    /// What every implementation of the contract has to do.
    package static let contract: [ContractCase] = [
        ContractCase("a key that does not exist") { key in
            [Step(.get(key), .missing), Step(.delete(key), .missing)]
        },
        ContractCase("a new key") { key in
            [Step(.put(key, form: "val=bart"), .created), Step(.get(key), .value("bart"))]
        },
        ContractCase("a key that exists") { key in
            [
                Step(.put(key, form: "val=bart"), .created),
                Step(.put(key, form: "val=lisa"), .replaced),
                Step(.get(key), .value("lisa")),
                Step(.put(key, form: "val=lisa"), .replaced),
                Step(.get(key), .value("lisa")),
            ]
        },
        ContractCase("a deleted key") { key in
            [
                Step(.put(key, form: "val=bart"), .created),
                Step(.delete(key), .success),
                Step(.get(key), .missing),
                Step(.delete(key), .missing),
                Step(.put(key, form: "val=maggie"), .created),
                Step(.get(key), .value("maggie")),
            ]
        },
        ContractCase("keys are case-sensitive") { key in
            [
                Step(.put(key, form: "val=small"), .created),
                Step(.get(key.uppercased()), .missing),
                Step(.put(key.uppercased(), form: "val=LARGE"), .created),
                Step(.get(key), .value("small")),
            ]
        },
        ContractCase("a key of 250 characters") { key in
            let key = lengthened(key, to: 250)
            return [Step(.put(key, form: "val=long"), .created), Step(.get(key), .value("long"))]
        },
        ContractCase("escapes of a form") { key in
            [
                Step(.put(key, form: "val=a+b%26c%3D%22%5C%0Az%C3%A9€"), .created),
                Step(.get(key), .value(#"a b&c=\"\\\nzé€"#)),
            ]
        },
        ContractCase("a value of 1.5 MiB") { key in
            let value = String(repeating: "v", count: maximumValueBytes)
            return [
                Step(.put(key, form: "val=\(value)"), .created),
                Step(.get(key), .value(value)),
                Step(.put(key, form: "val=small"), .replaced),
                Step(.get(key), .value("small")),
            ]
        },
    ]

    /// What is put at each of several instances of one service is seen at all others, deleted at the next
    /// one, and gone at all.
    package static func together(instanceCount count: Int) -> [ContractCase] {
        (0..<count).map { writer in
            ContractCase("written at \(writer)") { key in
                let next = (writer + 1) % count
                return [Step(.put(key, form: "val=of\(writer)"), .created, at: writer)]
                    + (0..<count).map { Step(.get(key), .value("of\(writer)"), at: $0) }
                    + [Step(.put(key, form: "val=again"), .replaced, at: next)]
                    + (0..<count).map { Step(.get(key), .value("again"), at: $0) }
                    + [Step(.delete(key), .success, at: next)]
                    + (0..<count).map { Step(.get(key), .missing, at: $0) }
            }
        }
    }

    /// What a forwarder answers whose main is away.
    package static let mainAway: [ContractCase] = [
        ContractCase("the main is away") { key in
            [
                Step(.put(key, form: "val=bart"), .unavailable),
                Step(.get(key), .unavailable),
                Step(.delete(key), .unavailable),
            ]
        }
    ]

    static func lengthened(_ key: String, to count: Int) -> String {
        key + String(repeating: "x", count: max(0, count - key.utf8.count))
    }
}
