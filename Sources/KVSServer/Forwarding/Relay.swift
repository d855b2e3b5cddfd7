import Basics
import EventHTTP
import KVSStore
import Wire

/// The forwarder's answers: a request goes to the main, and the main's reply back, unchanged.
///
/// Whatever goes wrong becomes the contract's 404 "service is not available". One for each loop; for use
/// on the loop's thread.
final class Relay: RouteHandler {
    private let pool: MainPool
    /// How long an exchange may take, connecting included.
    private let time: TimeSpan

    init(pool: MainPool, time: TimeSpan) {
        self.pool = pool
        self.time = time
        pool.relay = self
    }

    func handle(
        _ request: consuming HTTPRequest,
        key segment: UnsafeRawBufferPointer,
        query: UnsafeRawBufferPointer
    ) {
        let target: String
        let method = request.method
        do throws(APIError) {
            guard !RelayedFields.isCircular(request) else { throw .forwardingLoop }
            // Built anew from what was understood: what comes out is /kvs/ and a key, whatever came in. What
            // the query means is for the main to say.
            let key = try Key(pathSegment: segment)
            target = key.withUnsafeBytes { Self.target("/kvs/", $0, query: query) }
        } catch {
            request.reply(error)
            return
        }
        submit(.relay, request, method: method, target: target)
    }

    func handleList(_ request: consuming HTTPRequest, query: UnsafeRawBufferPointer) {
        guard !RelayedFields.isCircular(request) else {
            request.reply(.forwardingLoop)
            return
        }
        let path: StaticString = "/kvs"
        let nothing = UnsafeRawBufferPointer.none
        let method = request.method
        submit(.relay, request, method: method, target: Self.target(path, nothing, query: query))
    }

    /// The path, and a query that is not empty, as the guard has let it in: visible ASCII.
    private static func target(
        _ path: StaticString,
        _ key: UnsafeRawBufferPointer,
        query: UnsafeRawBufferPointer
    ) -> String {
        let path = UnsafeRawBufferPointer(start: path.utf8Start, count: path.utf8CodeUnitCount)
        let capacity = path.count + key.count + 1 + query.count
        return String(unsafeUninitializedCapacity: capacity) { text in
            var count = 0
            func write(_ part: UnsafeRawBufferPointer) {
                UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(text)[count...]
                )
                .copyMemory(from: part)
                count += part.count
            }
            write(path)
            write(key)
            guard !query.isEmpty else { return count }
            text[count] = UInt8(ascii: "?")
            count += 1
            write(query)
            return count
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
        // Where the client has taken long to send the request, little of its time is left: the client
        // must still hear what is known of the outcome.
        let time = min(time, request.remainingTime)
        let exchange = Exchange(
            purpose,
            request,
            for: self,
            method: method,
            target: target,
            time: time
        )
        pool.submit(exchange)
    }

    /// Asks the main whether it is there. Nobody waits for the answer but the pool.
    func submitProbe() {
        let exchange = Exchange(
            .probe,
            nil,
            for: self,
            method: .get,
            target: "/livez",
            time: pool.probeTime
        )
        pool.submit(exchange)
    }

    /// Answers the client of an exchange that has ended. The stack is empty.
    func answer(
        _ request: consuming HTTPRequest,
        to exchange: Exchange,
        _ ending: ExchangeEnding,
        _ reply: HTTPClientReply?
    ) {
        switch ending {
        case .replied:
            if let reply {
                request.reply(relaying: reply)
            } else {
                fail(request, of: exchange, wasSent: true)
            }
        case .failed(let wasSent): fail(request, of: exchange, wasSent: wasSent)
        case .overloaded: request.replyServerIsFull()
        }
    }

    private func fail(
        _ request: consuming HTTPRequest,
        of exchange: Exchange,
        wasSent: Bool
    ) {
        guard exchange.purpose != .readiness else {
            let main = pool.main.endpoint
            request.reply(.serviceUnavailable, error: "the main at \(main) is not available")
            return
        }
        let outcome: (StaticString, String) = ("KVS-Outcome", wasSent ? "unknown" : "not-sent")
        let error = APIError.serviceIsNotAvailable
        request.reply(
            error.status,
            error: error.message,
            fields: exchange.isWrite ? [outcome] : []
        )
    }

    func close() { pool.close() }
}
