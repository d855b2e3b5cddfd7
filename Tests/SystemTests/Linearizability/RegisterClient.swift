import TestSupport

/// A client that asks for random operations on a few keys and records what it is told.
///
/// For one thread at a time.
final class RegisterClient {
    /// What became of one operation.
    enum Result: Equatable {
        /// The main's answer, and one that the contract allows.
        case answered
        /// The contract's 404 of a forwarder, or a main that cannot be reached.
        case unavailable
        /// Something that no client may be told; the text says what.
        case wrong(String)
    }

    /// Who is at the other end.
    enum Peer: Sendable {
        /// A main that may be killed at any time: connections to it may break.
        case main
        /// A forwarder that stays: each request is answered.
        case forwarder
        /// A forwarder that may be stopped at any time.
        case mortalForwarder
    }

    private enum Operation {
        case get
        case put(String)
        case delete
    }

    private let name: String
    private let peer: Peer
    private let keys: [String]
    private let client: HTTPClient
    private let recorder: HistoryRecorder
    private var random: SeededGenerator
    private var count = 0

    /// - Parameter name: Part of every value that it writes, so that no value is written twice.
    init(
        _ name: String,
        at endpoint: Endpoint,
        _ peer: Peer,
        keys: [String],
        recorder: HistoryRecorder,
        seed: UInt64
    ) {
        self.name = name
        self.peer = peer
        self.keys = keys
        self.recorder = recorder
        client = HTTPClient(endpoint)
        random = SeededGenerator(seed: seed)
    }

    /// Does one operation, chosen at random.
    func step() -> Result {
        count += 1
        let key = keys.randomElement(using: &random) ?? ""
        let operation: Operation =
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5: .get
            case 5..<9: .put("\(name)_\(count)")
            default: .delete
            }
        let from = monotonicNanoseconds()
        do {
            let response =
                switch operation {
                case .get: try client.get(key)
                case .put(let value): try client.put(key, value)
                case .delete: try client.delete(key)
                }
            return record(response, to: operation, on: key, from: from)
        } catch {
            return record(error, of: operation, on: key, from: from)
        }
    }

    private func record(
        _ response: WireResponse,
        to operation: Operation,
        on key: String,
        from: Int64
    ) -> Result {
        let to = monotonicNanoseconds()
        let reply = (response.status, response.text)
        if reply == (ExpectedReply.unavailable.status, ExpectedReply.unavailable.body) {
            return recordUnavailable(response, to: operation, on: key, from: from, to: to)
        }
        guard let action = action(of: operation, told: reply) else {
            return .wrong("\(operation) of \(key) was answered \(reply)")
        }
        recorder.record(action, on: key, from: from, to: to)
        return .answered
    }

    private func recordUnavailable(
        _ response: WireResponse,
        to operation: Operation,
        on key: String,
        from: Int64,
        to: Int64
    ) -> Result {
        if peer == .main { return .wrong("a main said \(response.text)") }
        guard let action = unknownAction(of: operation) else { return .unavailable }
        switch response[header: "KVS-Outcome"] {
        case "not-sent": break
        case "unknown": recorder.recordUnknown(action, on: key, from: from, to: to)
        case let other:
            return .wrong("KVS-Outcome of \(operation): \(other ?? "none")")
        }
        return .unavailable
    }

    private func record(
        _ error: any Error,
        of operation: Operation,
        on key: String,
        from: Int64
    ) -> Result {
        if peer == .forwarder || error as? WireError == .timedOut {
            return .wrong("\(operation) of \(key): \(error)")
        }
        let couldNotConnect = (error as? SystemCallError)?.call.hasPrefix("connect") ?? false
        if !couldNotConnect, let action = unknownAction(of: operation) {
            recorder.recordUnknown(action, on: key, from: from, to: monotonicNanoseconds())
        }
        return .unavailable
    }

    /// What an answer of the main tells; nil where the main cannot have said it.
    private func action(
        of operation: Operation,
        told reply: (status: Int, body: String)
    ) -> RegisterOperation.Action? {
        func isReply(_ expected: ExpectedReply) -> Bool {
            reply == (expected.status, expected.body)
        }
        switch operation {
        case .put(let value):
            if isReply(.created) { return .put(value, replaced: false) }
            return isReply(.replaced) ? .put(value, replaced: true) : nil
        case .delete:
            if isReply(.deleted) { return .delete(existed: true) }
            return isReply(.missing) ? .delete(existed: false) : nil
        case .get:
            if isReply(.missing) { return .get(nil) }
            guard let match = reply.body.wholeMatch(of: /\{"msg":"success","value":"(\w+)"\}/),
                reply.status == 200
            else { return nil }
            return .get(String(match.1))
        }
    }

    /// A write of which nobody knows whether it happened; nil for a GET, which changes nothing.
    private func unknownAction(of operation: Operation) -> RegisterOperation.Action? {
        switch operation {
        case .get: nil
        case .put(let value): .put(value, replaced: nil)
        case .delete: .delete(existed: nil)
        }
    }
}
