/// What a reply must be.
package struct ContractExpectation: Sendable, CustomStringConvertible {
    package enum Body: Sendable {
        /// This JSON: to the byte, or in another form that means the same.
        case json(String)
        /// An error in JSON whose text is neither of the contract's two, and, of kvs, holds these words.
        case error(mentioning: String)
        /// These bytes, as `application/octet-stream`.
        case octets([UInt8])
        /// None: the reply to HEAD.
        case none
    }

    package let status: Int
    package let body: Body
    /// A field that must be there, with these members among those of its list.
    private let field: (name: String, members: [String])?

    package init(
        _ status: Int,
        _ body: Body,
        field: (name: String, members: [String])? = nil
    ) {
        (self.status, self.body, self.field) = (status, body, field)
    }

    /// Whether a reply is as it must be.
    ///
    /// - Parameter isExact: Whether JSON must be the text to the byte, without another parameter of its
    ///   type, with its length, as a kvs sends it.
    package func isMet(by reply: ContractReply, isExact: Bool) -> Bool {
        guard reply.status == status, hasType(reply, isExact), hasField(reply) else { return false }
        if isExact, !isNone, reply["Content-Length"] != "\(reply.body.count)" { return false }
        switch body {
        case .json(let text):
            if reply.body.elementsEqual(text.utf8) { return true }
            guard !isExact, let expected = FlatJSON(Array(text.utf8)) else { return false }
            return FlatJSON(reply.body) == expected
        case .error(let words):
            guard let fields = FlatJSON(reply.body)?.fields, fields["msg"] == .text("error"),
                case .text(let error) = fields["error"]
            else { return false }
            guard !Self.contractErrors.contains(error) else { return false }
            return !isExact || (fields.count == 2 && !error.isEmpty && error.contains(words))
        case .octets(let bytes): return reply.body == bytes
        case .none: return reply.body.isEmpty
        }
    }

    private static let contractErrors = ["key does not exist", "service is not available"]

    private var isNone: Bool { if case .none = body { true } else { false } }

    private var type: String {
        if case .octets = body { "application/octet-stream" } else { "application/json" }
    }

    private func hasType(_ reply: ContractReply, _ isExact: Bool) -> Bool {
        let given = reply["Content-Type"] ?? ""
        return given == type || (!isExact && given.lowercased().hasPrefix("\(type);"))
    }

    private func hasField(_ reply: ContractReply) -> Bool {
        guard let field else { return true }
        let list = (reply[field.name] ?? "").split(separator: ",")
            .map { $0.filter { !$0.isWhitespace } }
        return field.members.allSatisfy(list.contains)
    }

    // MARK: - Texts

    /// What is expected, as one line.
    package var description: String {
        var text = "\(status)"
        switch body {
        case .json(let json): text += " \(json)"
        case .error: text += #" {"msg":"error","error":…}"#
        case .octets(let bytes): text += " the \(bytes.count) bytes"
        case .none: break
        }
        guard let field else { return text }
        return "\(text) \(field.name): \(field.members.joined(separator: ", "))"
    }

    /// A reply in the form of ``description``: what came in its place.
    package func describe(_ reply: ContractReply) -> String {
        var text = "\(reply.status)"
        if case .octets(let bytes) = body, reply.body == bytes {
            text += " the \(bytes.count) bytes"
        } else if !isNone || !reply.body.isEmpty {
            text += " \(String(decoding: reply.body.prefix(200), as: UTF8.self))"
        }
        if let field { text += " \(field.name): \(reply[field.name] ?? "none")" }
        let given = reply["Content-Type"] ?? "no Content-Type"
        return given == type ? text : "\(text) (\(given))"
    }
}

extension ContractExpectation {
    /// 201 to a PUT: the key is new.
    package static let created = Self(201, .json(#"{"replaced":0,"msg":"success"}"#))
    /// 200 to a PUT: the key had a value.
    package static let replaced = Self(200, .json(#"{"replaced":1,"msg":"success"}"#))
    /// 200 to a DELETE, and of a server that is well.
    package static let success = Self(200, .json(#"{"msg":"success"}"#))
    /// 404: the key does not exist.
    package static let missing = Self(
        404,
        .json(#"{"msg":"error","error":"key does not exist"}"#)
    )
    /// 404 of a forwarder whose main is away.
    package static let unavailable = Self(
        404,
        .json(#"{"msg":"error","error":"service is not available"}"#)
    )

    /// 200 to a GET. `json` is the inside of a JSON string.
    package static func value(_ json: String) -> Self {
        Self(200, .json(#"{"msg":"success","value":"\#(json)"}"#))
    }

    package static func octets(_ bytes: [UInt8]) -> Self { Self(200, .octets(bytes)) }

    package static func error(_ status: Int, mentioning words: String = "") -> Self {
        Self(status, .error(mentioning: words))
    }
}
