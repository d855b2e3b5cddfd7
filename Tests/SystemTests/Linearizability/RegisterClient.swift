import TestSupport

/// A client that asks for random operations on a few keys and records what it is told.
///
/// For one thread at a time.
final class RegisterClient {
    /// What became of one operation.
    enum Result: Equatable {
        /// The main's answer, and one that the contract allows.
        case answered(RegisterOperation.Action)
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

    private let peer: Peer
    private let client: HTTPClient
    private let recorder: HistoryRecorder
    private var choice: RegisterChoice

    /// - Parameter choice: What it asks for.
    init(
        at endpoint: Endpoint,
        _ peer: Peer,
        recorder: HistoryRecorder,
        choosing choice: RegisterChoice
    ) {
        self.peer = peer
        self.recorder = recorder
        self.choice = choice
        client = HTTPClient(endpoint)
    }

    /// Does one operation, chosen at random.
    func step() -> Result {
        let (key, request) = choice.next()
        let result = perform(request, on: key)
        if case .answered(let action) = result { choice.note(action, on: key) }
        return result
    }

    /// Asks for that, and records what it is told.
    func perform(_ request: RegisterRequest, on key: String) -> Result {
        if case .put(let value, _, _) = request { recorder.note(value) }
        let from = monotonicNanoseconds()
        do {
            return record(try request.send(key, by: client), to: request, on: key, from: from)
        } catch {
            return record(error, of: request, on: key, from: from)
        }
    }

    private func record(
        _ response: WireResponse,
        to request: RegisterRequest,
        on key: String,
        from: Int64
    ) -> Result {
        let to = monotonicNanoseconds()
        let reply = (response.status, response.text)
        if reply == (ExpectedReply.unavailable.status, ExpectedReply.unavailable.body) {
            return recordUnavailable(response, to: request, on: key, from: from, to: to)
        }
        guard let action = request.action(told: response, reading: recorder.value(of:)) else {
            return .wrong("\(request) of \(key) was answered \(reply), \(response.headers)")
        }
        recorder.record(action, on: key, from: from, to: to)
        return .answered(action)
    }

    private func recordUnavailable(
        _ response: WireResponse,
        to request: RegisterRequest,
        on key: String,
        from: Int64,
        to: Int64
    ) -> Result {
        if peer == .main { return .wrong("a main said \(response.text)") }
        guard let action = request.unknownAction else { return .unavailable }
        switch response[header: "KVS-Outcome"] {
        case "not-sent": break
        case "unknown": recorder.recordUnknown(action, on: key, from: from, to: to)
        case let other:
            return .wrong("KVS-Outcome of \(request): \(other ?? "none")")
        }
        return .unavailable
    }

    private func record(
        _ error: any Error,
        of request: RegisterRequest,
        on key: String,
        from: Int64
    ) -> Result {
        if peer == .forwarder || error as? WireError == .timedOut {
            return .wrong("\(request) of \(key): \(error)")
        }
        let couldNotConnect = (error as? SystemCallError)?.call.hasPrefix("connect") ?? false
        if !couldNotConnect, let action = request.unknownAction {
            recorder.recordUnknown(action, on: key, from: from, to: monotonicNanoseconds())
        }
        return .unavailable
    }
}
