/// The forwarder's answers: a request goes to the main, and the main's reply back, unchanged.
///
/// Whatever goes wrong becomes the contract's 404 "service is not available". One for each loop; for use
/// on the loop's thread.
final class Relay: KeyRequestHandler, UpstreamPoolDelegate {
    struct Timeouts: Sendable {
        var connect: Duration
        var exchange: Duration
    }

    private let pool: UpstreamPool
    private let timeouts: Timeouts

    init(pool: UpstreamPool, timeouts: Timeouts) {
        self.pool = pool
        self.timeouts = timeouts
        pool.setDelegate(self)
    }

    func handle(_ request: consuming HTTPRequest, keySegment: UnsafeRawBufferPointer) {
        let target: String
        let method = request.method
        do throws(APIError) {
            guard !RelayedFields.isCircular(request) else { throw .forwardingLoop }
            guard [.get, .head, .put, .delete].contains(method) else { throw .methodNotAllowed }
            // Built anew from what was understood: what comes out is /kvs/ and a key, whatever came in.
            let key = try Key(segment: keySegment)
            target = Self.target(of: key)
        } catch {
            request.reply(error)
            return
        }
        submit(.relay, request, method: method, target: target)
    }

    private static func target(of key: borrowing Key) -> String {
        key.withUnsafeBytes { key in
            String(unsafeUninitializedCapacity: 5 + key.count) { text in
                let target = UnsafeMutableRawBufferPointer(text)
                target.copyBytes(from: "/kvs/".utf8)
                UnsafeMutableRawBufferPointer(rebasing: target[5...]).copyMemory(from: key)
                return 5 + key.count
            }
        }
    }

    /// The way to the main is as good as the main says.
    func handleReadiness(_ request: consuming HTTPRequest) {
        guard !RelayedFields.isCircular(request) else {
            request.reply(.forwardingLoop)
            return
        }
        submit(.readiness, request, method: .get, target: "/readyz")
    }

    private func submit(
        _ purpose: Exchange.Purpose,
        _ request: consuming HTTPRequest,
        method: HTTPMethod,
        target: String
    ) {
        pool.submit(
            Exchange(
                purpose,
                request,
                method: method,
                target: target,
                connectTime: timeouts.connect,
                time: timeouts.exchange
            )
        )
    }

    func exchange(_ exchange: Exchange, didReceive reply: HTTPClientReply) {
        guard let request = exchange.takeRequest() else {
            pool.probeHasEnded()
            return
        }
        request.reply(relaying: reply)
    }

    func exchange(_ exchange: Exchange, didFailWithRequestSent wasSent: Bool) {
        guard let request = exchange.takeRequest() else {
            pool.probeHasEnded()
            return
        }
        switch exchange.purpose {
        case .readiness:
            let main = pool.address.endpoint
            request.reply(.serviceUnavailable, error: "the main at \(main) is not available")
        case .relay, .probe:
            let outcome: (StaticString, String) = ("KVS-Outcome", wasSent ? "unknown" : "not-sent")
            let error = APIError.serviceIsNotAvailable
            request.reply(
                error.status,
                error: error.message,
                fields: exchange.isWrite ? [outcome] : []
            )
        }
    }

    func close() { pool.close() }
}
