import Wire

/// What a kvs does beyond the contract's three verbs.
extension KVSClient {
    /// The value of a key with its tag and its time to live; nil where the key does not exist.
    ///
    /// - Parameter key: 1 to 250 of `A-Z a-z 0-9 _`.
    /// - Throws: ``KVSClientError``; ``KVSClientError/refused(status:message:)`` with 200 for what is no value of a
    ///   kvs.
    public func storedValue(of key: String) async throws(KVSClientError) -> StoredValue? {
        let reply = try await send(.get, try Self.target(of: key))
        switch reply.status {
        case 200:
            guard let value = reply.storedValue else {
                throw .refused(status: reply.status, message: Self.noKVS)
            }
            return value
        case 404 where reply.isAbsence: return nil
        default: throw error(of: reply, isWrite: false)
        }
    }

    /// Gives a key a value, for a time or under a condition, or both.
    ///
    /// - Parameters:
    ///   - key: 1 to 250 of `A-Z a-z 0-9 _`.
    ///   - value: Any bytes, at most ``maximumValueBytes``.
    ///   - secondsToLive: The key is gone that many seconds later, from 1 up; nil: it stays. What it had before
    ///     is replaced in any case.
    ///   - condition: What must hold; nil: nothing. It is decided in one step with the write.
    /// - Returns: Whether it was done: a condition that does not hold is no error.
    /// - Throws: ``KVSClientError``, as of ``put(_:_:)``; ``KVSClientError/refused(status:message:)`` with 200 or
    ///   201 where the server knows no conditions and no times to live: the value is stored. A write that may have been done is safe to send again
    ///   with ``Condition/differs(from:)`` and the value's own tag, where nobody else writes the key.
    public func put(
        _ key: String,
        _ value: [UInt8],
        secondsToLive: UInt32?,
        if condition: Condition? = nil
    ) async throws(KVSClientError) -> PutResult {
        let reply = try await write(key, value, secondsToLive: secondsToLive, if: condition)
        switch reply.status {
        case 200, 201:
            // Whoever knows neither has put the value in any case, and for ever.
            guard reply.tag != nil || condition == nil && secondsToLive == nil else {
                throw .refused(
                    status: reply.status,
                    message: "what answers knows no conditions and no times to live"
                )
            }
            return .stored(isReplaced: reply.status == 200, tag: reply.tag)
        case 412 where reply.isConditionFailure && condition?.mayFail(where: reply.tag) == true:
            return .conditionFailed(present: reply.tag)
        default: throw error(of: reply, isWrite: true)
        }
    }

    /// Some of the keys that begin with a prefix: a list is read page by page.
    ///
    /// A key that is there from the first page to the last is listed; one that is put or deleted meanwhile may
    /// be, or not.
    ///
    /// - Parameters:
    ///   - prefix: How the keys begin: up to 250 of `A-Z a-z 0-9 _`; empty: all keys.
    ///   - cursor: That of the page before; nil: the first page. It is good until the main is started anew.
    ///   - limit: The most keys that are wanted, 1 to 10,000.
    /// - Returns: A page; of the last one ``KeyPage/cursor`` is nil.
    /// - Throws: ``KVSClientError``; ``KVSClientError/invalidKey(_:)`` for a prefix that no key has,
    ///   ``KVSClientError/refused(status:message:)`` with 400 for a limit out of range and for a cursor of another
    ///   server, or from before a restart; with 200 for what is no list of keys that begin with the prefix.
    public func keys(
        prefix: String = "",
        cursor: String? = nil,
        limit: Int = 1000
    ) async throws(KVSClientError) -> KeyPage {
        guard prefix.utf8.allSatisfy({ $0.isKeyByte }) else { throw .invalidKey(prefix) }
        var target = "/kvs?limit=\(limit)"
        if !prefix.isEmpty { target += "&prefix=\(prefix)" }
        if let cursor { target += "&cursor=\(Self.escaped(cursor))" }
        let reply = try await send(.get, target)
        guard reply.status == 200 else { throw error(of: reply, isWrite: false) }
        guard let page = reply.page(ofKeysWith: prefix) else {
            throw .refused(status: reply.status, message: "what answers has no lists of keys")
        }
        return page
    }

    func write(
        _ key: String,
        _ value: [UInt8],
        secondsToLive: UInt32?,
        if condition: Condition?
    ) async throws(KVSClientError) -> ClientReply {
        // The server would say so as well, but who sends much more might not get to hear it.
        guard value.count <= Self.maximumValueBytes else {
            throw .valueTooLarge(byteCount: value.count)
        }
        let query = secondsToLive.map { "?ttl=\($0)" } ?? ""
        let target = try Self.target(of: key) + query
        return try await send(.put, target, value: value, if: condition)
    }

    /// The path of a key: it becomes part of a request line, and nothing else must get there. The server says
    /// what a key is.
    static func target(of key: String) throws(KVSClientError) -> String {
        guard !key.isEmpty, key.utf8.allSatisfy({ $0.isKeyByte }) else { throw .invalidKey(key) }
        return "/kvs/\(key)"
    }

    /// The text with percent-escapes for all that a key must not have: it is the server's, and means nothing
    /// here.
    private static func escaped(_ text: String) -> String {
        text.utf8.reduce(into: "") { escaped, byte in
            if byte.isKeyByte {
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                escaped += (byte < 16 ? "%0" : "%") + String(byte, radix: 16)
            }
        }
    }
}

extension UInt8 {
    var isKeyByte: Bool {
        (self | 0x20) &- 0x61 < 26 || self &- 0x30 < 10 || self == UInt8(ascii: "_")
    }
}
