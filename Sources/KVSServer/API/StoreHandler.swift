/// The main's answers: a request becomes an operation on the store, and its result a reply.
///
/// One for each loop; for use on the loop's thread.
final class StoreHandler: KeyRequestHandler {
    /// Values below this many bytes are copied into the reply; larger ones go by reference, which costs
    /// an allocation and a reference count of its own.
    private static let referenceThresholdBytes = 4096

    private let store: KeyValueStore
    private let budget: BufferBudget
    private var scratch = ScratchBuffer()
    private var bytesSinceSample = 0

    init(store: KeyValueStore, budget: BufferBudget) {
        self.store = store
        self.budget = budget
    }

    /// Who holds the data is always ready.
    func handleReadiness(_ request: consuming HTTPRequest) { request.replyIsHealthy() }

    /// Nothing is ever under way: each request is answered at once.
    func close() {}

    func handle(_ request: consuming HTTPRequest, keySegment: UnsafeRawBufferPointer) {
        let result: Result
        do throws(APIError) {
            result = try perform(request, keySegment: keySegment)
        } catch {
            request.reply(error)
            return
        }
        switch result {
        case .created:
            request.reply(.created) { $0.append("{\"replaced\":0,\"msg\":\"success\"}") }
        case .replaced:
            request.reply(.ok) { $0.append("{\"replaced\":1,\"msg\":\"success\"}") }
        case .removed:
            request.reply(.ok) { $0.append("{\"msg\":\"success\"}") }
        case .found(let item):
            if Self.prefersOctetStream(request) {
                request.reply(.ok, .octetStream, headLength: item.rawValueCount) {
                    Self.appendRaw(item, to: $0)
                }
            } else {
                request.reply(.ok) { Self.appendJSON(item, to: $0) }
            }
        }
    }

    /// What an operation on the store has come to, where it is no error.
    private enum Result {
        case found(Item)
        case created, replaced, removed
    }

    private func perform(
        _ request: borrowing HTTPRequest,
        keySegment: UnsafeRawBufferPointer
    ) throws(APIError) -> Result {
        switch request.method {
        case .get, .head:
            let key = try Key(segment: keySegment)
            guard let item = store.withExclusiveAccess({ $0.item(for: key) }) else {
                throw .keyDoesNotExist
            }
            return .found(item)
        case .put:
            let item = try item(in: request, for: Key(segment: keySegment))
            sampleMemory(before: item.footprint)
            // What the result holds, the item that was replaced, is freed outside of the store's lock.
            switch store.withExclusiveAccess({ $0.put(item) }) {
            case .created: return .created
            case .replaced: return .replaced
            case .outOfMemory: throw .outOfMemory
            }
        case .delete:
            let key = try Key(segment: keySegment)
            // The item is freed here, outside of the store's lock.
            guard store.withExclusiveAccess({ $0.remove(key) }) != nil else {
                throw .keyDoesNotExist
            }
            return .removed
        default:
            throw .methodNotAllowed
        }
    }

    /// Tells the store what the heap has come to, once for each MiB that is put.
    private func sampleMemory(before bytes: Int) {
        bytesSinceSample += bytes
        guard bytesSinceSample >= 1 << 20 else { return }
        bytesSinceSample = 0
        guard var resident = MemoryLimit.residentBytes else { return }
        if resident - budget.usedBytes > store.ceiling, Heap.trim() {
            // What is free in the heap is no reason to refuse anything.
            resident = MemoryLimit.residentBytes ?? resident
        }
        let bytes = resident - budget.usedBytes
        store.withExclusiveAccess { $0.note(resident: bytes) }
    }

    /// The item that a PUT asks to store.
    private func item(
        in request: borrowing HTTPRequest,
        for key: Key
    ) throws(APIError) -> Item {
        guard Self.isUnencoded(request) else { throw .unsupportedContentEncoding }
        // RFC 9110 §14.5: who takes a part for the whole loses the rest.
        guard request.field(.contentRange) == nil else { throw .partialContent }
        let contentType = try Self.contentType(of: request)
        let item = try request.withBody { body throws(APIError) in
            try ValueDecoder.withValue(in: body, contentType: contentType, scratch: &scratch) {
                Item.make(key: key, value: $0)
            }
        }
        guard let item = item ?? nil else { throw .outOfMemory }
        return item
    }

    /// Whether no `Content-Encoding` field names a coding (RFC 9110 §8.4).
    private static func isUnencoded(_ request: borrowing HTTPRequest) -> Bool {
        var isUnencoded = true
        request.forEachField(.contentEncoding) { codings in
            for coding in ListMembers(codings) where !coding.equalsIgnoringCase("identity") {
                isUnencoded = false
            }
        }
        return isUnencoded
    }

    /// The value of `Content-Type`, which is no list: which of two different ones is meant, only the
    /// client knows.
    private static func contentType(
        of request: borrowing HTTPRequest
    ) throws(APIError) -> UnsafeRawBufferPointer? {
        var contentType: UnsafeRawBufferPointer?
        var isUnique = true
        request.forEachField(.contentType) { value in
            if let contentType, !contentType.elementsEqual(value) { isUnique = false }
            contentType = value
        }
        guard isUnique else { throw .contentTypeRepeated }
        return contentType
    }

    private static func prefersOctetStream(_ request: borrowing HTTPRequest) -> Bool {
        var accepted = MediaRange()
        request.forEachField(.accept) { accepted.add($0) }
        return accepted.prefersOctetStream
    }

    private static func appendJSON(_ item: Item, to body: EventBuffer) -> Bool {
        let end: StaticString =
            switch item.encoding {
            case .utf8: "\"}"
            case .base64: "\",\"encoding\":\"base64\"}"
            }
        return body.append("{\"msg\":\"success\",\"value\":\"") && appendStored(item, to: body)
            && body.append(end)
    }

    /// The value as it is stored: the inside of a JSON string.
    private static func appendStored(_ item: Item, to body: EventBuffer) -> Bool {
        item.storedValue.count < referenceThresholdBytes
            ? item.withStoredValue { body.append($0) }
            : body.append(referencing: item.storedValue, ownedBy: item.owner)
    }

    /// The value as it came.
    private static func appendRaw(_ item: Item, to body: EventBuffer) -> Bool {
        item.isVerbatim
            ? appendStored(item, to: body)
            : body.append(count: item.rawValueCount) { item.copyRawValue(into: $0) }
    }
}
