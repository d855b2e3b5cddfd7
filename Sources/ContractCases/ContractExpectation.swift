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
        /// None, and no type of one: 304.
        case nothing
        /// A list of exactly these keys, in any order, in pages of at most so many.
        case keys([String], limit: Int)
    }

    /// What a field must be.
    private enum FieldRule: Sendable {
        /// A list that has these members, and may have more.
        case members([String])
        case number(ClosedRange<Int>)
        case absent
    }

    package let status: Int
    package let body: Body
    private var fields: [(name: String, rule: FieldRule)]

    package init(
        _ status: Int,
        _ body: Body,
        field: (name: String, members: [String])? = nil
    ) {
        (self.status, self.body) = (status, body)
        fields = field.map { [($0.name, .members($0.members))] } ?? []
    }

    /// The same with a field that must be there: with that value, or as a list that has it.
    package func with(_ name: String, _ value: String) -> Self { with(name, .members([value])) }

    /// The same with a field that must be such a number.
    package func with(_ name: String, in range: ClosedRange<Int>) -> Self {
        with(name, .number(range))
    }

    /// The same with a field that must not be there.
    package func without(_ name: String) -> Self { with(name, .absent) }

    private func with(_ name: String, _ rule: FieldRule) -> Self {
        var other = self
        other.fields.append((name, rule))
        return other
    }

    /// Whether a reply is as it must be.
    ///
    /// - Parameter isExact: Whether JSON must be the text to the byte, without another parameter of its
    ///   type, with its length, as a kvs sends it.
    package func isMet(by reply: ContractReply, isExact: Bool) -> Bool {
        guard reply.status == status, hasType(reply, isExact) else { return false }
        guard fields.allSatisfy({ Self.holds($0.rule, for: reply[$0.name]) }) else { return false }
        if isExact, !isBodiless, reply["Content-Length"] != "\(reply.body.count)" { return false }
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
        case .none, .nothing: return reply.body.isEmpty
        case .keys: return ListedKeys.Page(reply, isExact: isExact) != nil
        }
    }

    private static let contractErrors = ["key does not exist", "service is not available"]

    private var isBodiless: Bool {
        switch body {
        case .none, .nothing: true
        default: false
        }
    }

    private var type: String? {
        switch body {
        case .octets: "application/octet-stream"
        case .nothing: nil
        default: "application/json"
        }
    }

    private func hasType(_ reply: ContractReply, _ isExact: Bool) -> Bool {
        let given = reply["Content-Type"]
        guard given != type, let given, let type else { return given == type }
        return !isExact && given.lowercased().hasPrefix("\(type);")
    }

    private static func holds(_ rule: FieldRule, for value: String?) -> Bool {
        switch rule {
        case .members(let members):
            let list = (value ?? "").split(separator: ",").map { $0.filter { !$0.isWhitespace } }
            return members.allSatisfy(list.contains)
        case .number(let range): return value.flatMap { Int($0) }.map(range.contains) ?? false
        case .absent: return value == nil
        }
    }

    // MARK: - Texts

    /// What is expected, as one line.
    package var description: String {
        var text = "\(status)"
        switch body {
        case .json(let json): text += " \(json)"
        case .error: text += #" {"msg":"error","error":…}"#
        case .octets(let bytes): text += " the \(bytes.count) bytes"
        case .keys(let keys, let limit): text += " keys: \(keys.count), in a page at most \(limit)"
        case .none, .nothing: break
        }
        return fields.reduce(into: text) { text, field in
            text += " \(field.name): "
            switch field.rule {
            case .members(let members): text += members.joined(separator: ", ")
            case .number(let range): text += "\(range.lowerBound) to \(range.upperBound)"
            case .absent: text += "none"
            }
        }
    }

    /// A reply in the form of ``description``: what came in its place.
    package func describe(_ reply: ContractReply) -> String {
        var text = "\(reply.status)"
        if case .octets(let bytes) = body, reply.body == bytes {
            text += " the \(bytes.count) bytes"
        } else if !isBodiless || !reply.body.isEmpty {
            text += " \(String(decoding: reply.body.prefix(200), as: UTF8.self))"
        }
        for field in fields { text += " \(field.name): \(reply[field.name] ?? "none")" }
        let given = reply["Content-Type"]
        return given == type ? text : "\(text) (\(given ?? "no Content-Type"))"
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
