/// The body of a PUT and what it means: the value that is stored, or the status of the refusal.
package struct BodyCase: Sendable, CustomStringConvertible {
    package let type: String?
    package let body: [UInt8]
    package let value: [UInt8]?
    package let status: Int

    init(_ type: String?, _ body: String, value: String) {
        self.init(type, Array(body.utf8), value: Array(value.utf8))
    }

    init(_ type: String?, _ body: [UInt8], value: [UInt8]) {
        (self.type, self.body, self.value, status) = (type, body, value, 201)
    }

    init(_ type: String?, _ body: String, refused status: Int = 400) {
        (self.type, self.body, value, self.status) = (type, Array(body.utf8), nil, status)
    }

    package var description: String {
        let text = String(decoding: body.prefix(60), as: UTF8.self).debugDescription
        return "\(type ?? "no type"): \(text) → \(value == nil ? "\(status)" : "stored")"
    }

    /// Puts the body twice: to a key that is new, and to one whose value a refusal must not touch.
    package var contractCase: ContractCase {
        ContractCase(description) { [self] key in
            let (new, old) = ("\(key)_new", "\(key)_old")
            let start = [ContractCase.Step(.put(old, form: "val=old"), .created)]
            let bytesOnly = ["Accept: application/octet-stream"]
            guard let value else {
                return start + [
                    .init(.put(new, body, type: type), .error(status)),
                    .init(.put(old, body, type: type), .error(status)),
                    .init(.get(new), .missing),
                    .init(.get(old), .value("old")),
                ]
            }
            return start + [
                .init(.put(new, body, type: type), .created),
                .init(.put(old, body, type: type), .replaced),
                .init(.get(new, headers: bytesOnly), .octets(value)),
                .init(.get(old, headers: bytesOnly), .octets(value)),
            ]
        }
    }
}
