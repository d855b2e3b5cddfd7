import Foundation
import Synchronization

/// A forwarder that is wrong on purpose: it loses replies, and sends the request again.
///
/// It stands for every relay that retries a write of which it does not know the outcome.
final class RetryingRelay: Sendable {
    let endpoint: Endpoint
    private let main: Endpoint
    private let listener: Listener
    /// Called between the lost reply and the second attempt.
    private let beforeRetry: @Sendable () -> Void
    private let losesEach: Int
    private let count = Atomic<Int>(0)

    /// - Parameters:
    ///   - losesEach: Every so manieth reply is lost.
    ///   - beforeRetry: Called before the second attempt, on the connection's thread.
    init(
        to main: Endpoint,
        ip: String,
        losesEach: Int,
        beforeRetry: @escaping @Sendable () -> Void = {}
    ) throws {
        self.main = main
        self.losesEach = losesEach
        self.beforeRetry = beforeRetry
        listener = try Listener(Endpoint(host: ip, port: 0))
        endpoint = listener.endpoint
        listener.start { descriptor in
            Thread { self.serve(descriptor) }.start()
        }
    }

    /// Ends the listening; connections end when their clients end them.
    func stop() { listener.stop() }

    private func serve(_ descriptor: Int32) {
        let connection = FakeConnection(descriptor: descriptor)
        while let request = connection.readRequest(onHead: { _ in }) {
            guard let response = try? relay(request) else { break }
            let fields = response.headers.filter { ["ETag", "KVS-TTL"].contains($0.name) }
                .map { "\($0.name): \($0.value)\r\n" }.joined()
            // A 304 has no length of its own, and no body (RFC 9110 §15.4.5).
            let length =
                response.status == 304 ? "" : "Content-Length: \(response.body.count)\r\n"
            connection.write(
                "HTTP/1.1 \(response.status) \(response.reason)\r\n"
                    + fields + length + "\r\n\(response.text)"
            )
        }
        close(descriptor)
    }

    private func relay(_ request: FakeConnection.Request) throws -> WireResponse {
        let response = try send(request)
        let number = count.add(1, ordering: .relaxed).newValue
        guard number.isMultiple(of: losesEach) else { return response }
        beforeRetry()
        return try send(request)
    }

    private func send(_ request: FakeConnection.Request) throws -> WireResponse {
        try HTTPClient(main).send(
            request.method,
            request.target,
            headers: request.fields.filter { field in
                ["content-type:", "if-match:", "if-none-match:"].contains { field.hasPrefix($0) }
            },
            body: request.body
        )
    }
}
