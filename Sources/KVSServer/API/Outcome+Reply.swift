import EventHTTP
import EventLoops
import KVSStore
import Wire

/// What a client hears of an outcome.
extension HTTPRequest: OutcomeReceiver {
    consuming func receive(_ outcome: consuming Outcome) {
        switch outcome {
        case .created: reply(.created) { $0.append("{\"replaced\":0,\"msg\":\"success\"}") }
        case .replaced: reply(.ok) { $0.append("{\"replaced\":1,\"msg\":\"success\"}") }
        case .removed: reply(.ok) { $0.append("{\"msg\":\"success\"}") }
        case .absent: reply(.keyDoesNotExist)
        case .outOfMemory: reply(.outOfMemory)
        case .found(let item):
            if prefersOctetStream {
                reply(.ok, .octetStream, headLength: item.rawValueCount) { item.appendRaw(to: $0) }
            } else {
                reply(.ok) { item.appendJSON(to: $0) }
            }
        }
    }

    /// Whether a value is wanted as it came (RFC 9110 §12.5.1).
    private var prefersOctetStream: Bool {
        var accepted = MediaRange()
        forEachField(.accept) { accepted.add($0) }
        return accepted.prefersOctetStream
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
