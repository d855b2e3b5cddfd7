import EventHTTP
import EventLoops
import KVSStore
import Wire

/// What a client hears of an outcome.
extension HTTPRequest: OutcomeReceiver {
    consuming func receive(_ outcome: consuming Outcome) {
        switch outcome {
        case .created(let tag): replyWritten(.created, tag, "{\"replaced\":0,\"msg\":\"success\"}")
        case .replaced(let tag): replyWritten(.ok, tag, "{\"replaced\":1,\"msg\":\"success\"}")
        case .removed: reply(.ok) { $0.append("{\"msg\":\"success\"}") }
        case .absent: reply(.keyDoesNotExist)
        // Of a write, to which either form's tag will do.
        case .preconditionFailed(let present):
            replyPreconditionFailed(present: present, form: .json)
        case .outOfMemory: reply(.outOfMemory)
        case .found(let item): reply(with: item)
        // Whoever asks for lists hears of them himself.
        case .keys, .unknownPlace: preconditionFailure("A list for a request of one key.")
        }
    }

    private consuming func reply(with item: Item) {
        let form = valueForm
        switch form {
        case .json:
            reply(.ok, lines: { $0.write(item, form: form) }, body: { item.appendJSON(to: $0) })
        case .octetStream:
            reply(
                .ok,
                .octetStream,
                lines: { $0.write(item, form: form) },
                headLength: item.rawValueCount,
                body: { item.appendRaw(to: $0) }
            )
        }
    }

    private consuming func replyWritten(
        _ status: HTTPStatus,
        _ tag: ContentTag,
        _ body: StaticString
    ) {
        reply(status, lines: { $0.write(tag, form: .json) }, body: { $0.append(body) })
    }

    /// - Parameters:
    ///   - present: What the key has; nil where it is not there.
    ///   - form: In which the client would have it.
    consuming func replyPreconditionFailed(present: ContentTag?, form: ValueForm) {
        reply(
            APIError.preconditionFailed,
            lines: { lines in present.map { lines.write($0, form: form) } }
        )
    }

    /// The form in which a value is wanted (RFC 9110 §12.5.1).
    var valueForm: ValueForm {
        var accepted = MediaRange()
        forEachField(.accept) { accepted.add($0) }
        return accepted.prefersOctetStream ? .octetStream : .json
    }
}

extension Item {
    /// Values below this many bytes are copied into the reply; larger ones go by reference, which costs
    /// an allocation and a reference count of its own.
    private static var referenceThresholdBytes: Int { 4096 }

    /// The contract's envelope around the value.
    fileprivate func appendJSON(to body: EventBuffer) -> Bool {
        let end: StaticString =
            switch encoding {
            case .utf8: "\"}"
            case .base64: "\",\"encoding\":\"base64\"}"
            }
        return body.append("{\"msg\":\"success\",\"value\":\"") && appendStored(to: body)
            && body.append(end)
    }

    /// The value as it is stored: the inside of a JSON string.
    private func appendStored(to body: EventBuffer) -> Bool {
        storedValue.count < Self.referenceThresholdBytes
            ? withStoredValue { body.append($0) }
            : body.append(referencing: storedValue, ownedBy: owner)
    }

    /// The value as it came.
    fileprivate func appendRaw(to body: EventBuffer) -> Bool {
        isVerbatim
            ? appendStored(to: body)
            : body.append(count: rawValueCount) { copyRawValue(into: $0) }
    }
}
