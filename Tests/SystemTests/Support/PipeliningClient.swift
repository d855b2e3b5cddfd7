import TestSupport

/// A client that sends many requests at once, without waiting for answers, and then checks each answer.
///
/// Nobody else uses its keys, so that it knows what each must be. For one thread at a time.
final class PipeliningClient {
    /// What became of a burst.
    struct Tally {
        var answered = 0
        var unavailable = 0
        /// What no client may be told.
        var wrong: [String] = []
    }

    private enum Operation {
        case get
        case put(String)
        case delete
    }

    /// What a key may hold.
    private struct Content {
        /// What the last write that was answered has left; nil where that is nothing.
        var known: String?
        /// Values of writes of which nobody knows whether, or when, they are done.
        var unknown: Set<String> = []
    }

    private static let requestsPerBurst = 16

    private let name: String
    private let promise: PipeliningLoad.Promise
    private let wire: WireClient
    private var random: SeededGenerator
    private var contents: [String: Content]
    private let keys: [String]
    private var count = 0

    /// - Parameter name: Part of its keys and of every value that it writes.
    init(
        _ name: String,
        at endpoint: Endpoint,
        _ promise: PipeliningLoad.Promise,
        seed: UInt64
    ) throws {
        self.name = name
        self.promise = promise
        wire = try WireClient(endpoint, timeout: .seconds(30))
        random = SeededGenerator(seed: seed)
        keys = ["a", "b", "c"].map { "\(name)_\($0)" }
        contents = Dictionary(uniqueKeysWithValues: keys.map { ($0, Content()) })
    }

    /// Sends one burst in one piece, and reads all answers to it.
    ///
    /// - Throws: What ends the connection, which the server must not do.
    func burst() throws -> Tally {
        let requests = (0..<Self.requestsPerBurst).map { _ in nextRequest() }
        try wire.send(requests.map { Self.bytes(of: $0.operation, on: $0.key) }.joined())
        var tally = Tally()
        for (key, operation) in requests {
            let response = try wire.readResponse()
            let (status, unavailable) = (response.status, ExpectedReply.unavailable)
            if status == unavailable.status, response.text == unavailable.body {
                tally.unavailable += 1
                if !accept(unavailable: response, operation, key) {
                    let outcome = response[header: "KVS-Outcome"] ?? "none"
                    tally.wrong.append("\(operation) of \(key): unavailable, outcome \(outcome)")
                }
            } else if accept(response, operation, key) {
                tally.answered += 1
            } else {
                tally.wrong.append(
                    "\(operation) of \(key): \(status) \(response.text.prefix(200)), "
                        + "where it held \(contents[key]?.known?.prefix(40) ?? "nothing")"
                )
            }
        }
        return tally
    }

    private func nextRequest() -> (key: String, operation: Operation) {
        count += 1
        let key = keys.randomElement(using: &random) ?? ""
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<5: return (key, .get)
        case 5..<9:
            // Some fill several segments.
            let size = Int.random(in: 0..<8, using: &random) == 0 ? 6000 : 0
            return (key, .put("\(name)_\(count)_" + String(repeating: "x", count: size)))
        default: return (key, .delete)
        }
    }

    private static func bytes(of operation: Operation, on key: String) -> String {
        switch operation {
        case .get: RawRequest.get(key)
        case .put(let value): RawRequest.put(key, value)
        case .delete: RawRequest.delete(key)
        }
    }

    /// Whether that is an answer of the main's to that request; and what the key holds after it.
    private func accept(_ response: WireResponse, _ operation: Operation, _ key: String) -> Bool {
        let held = contents[key] ?? Content()
        func isReply(_ expected: ExpectedReply) -> Bool {
            response.status == expected.status && response.text == expected.body
        }
        switch operation {
        case .get:
            var allowed: [String?] = [held.known]
            if promise == .truthOrUnavailable { allowed += held.unknown.map(Optional.init) + [nil] }
            return allowed.contains { isReply($0.map(ExpectedReply.value) ?? .missing) }
        case .put(let value):
            contents[key]?.known = value
            if promise == .truthOrUnavailable { return isReply(.created) || isReply(.replaced) }
            return isReply(held.known == nil ? .created : .replaced)
        case .delete:
            contents[key]?.known = nil
            if promise == .truthOrUnavailable { return isReply(.deleted) || isReply(.missing) }
            return isReply(held.known == nil ? .missing : .deleted)
        }
    }

    /// Whether the service may say here that it is not available.
    private func accept(
        unavailable response: WireResponse,
        _ operation: Operation,
        _ key: String
    ) -> Bool {
        guard promise == .truthOrUnavailable else { return false }
        switch (operation, response[header: "KVS-Outcome"]) {
        case (.get, _): return true
        case (_, "not-sent"): return true
        case (.put(let value), "unknown"):
            contents[key]?.unknown.insert(value)
            return true
        case (.delete, "unknown"): return true
        default: return false
        }
    }
}
