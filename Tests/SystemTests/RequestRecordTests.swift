import Logging
import Synchronization
import Testing

@testable import Basics
@testable import EventHTTP
@testable import EventLoops
@testable import KVSServer
@testable import Wire

/// What an observer of a server in this process is told.
@Suite("A record of each request", .serialized)
struct RequestRecordTests {
    /// Keeps the records of all loops, in the order in which they came.
    private final class Recorder: RequestObserver {
        private let records = Mutex<[RequestRecord]>([])
        private let details = Mutex<[String]>([])
        let begun = Atomic(0)
        let ended = Atomic(0)
        let wantsTimeOfHandOver = true

        func connectionHasBegun() { begun.add(1, ordering: .relaxed) }
        func connectionHasEnded() { ended.add(1, ordering: .relaxed) }

        func requestHasEnded(_ record: RequestRecord, _ request: any RequestDetails) {
            records.withLock { $0.append(record) }
            let texts = [request.requestID, request.targetIfKnown, request.peerHost].map {
                $0.map { String(decoding: $0, as: UTF8.self) } ?? "-"
            }
            details.withLock { $0.append(texts.joined(separator: " ")) }
        }

        func takeDetails() -> [String] {
            details.withLock { all in
                defer { all = [] }
                return all
            }
        }

        /// Takes out what is there.
        func take() -> [RequestRecord] {
            records.withLock { all in
                defer { all = [] }
                return all
            }
        }
    }

    /// Runs `body` beside a main's loop in this process, whose requests the recorder hears of.
    private static func withMain(_ body: (Recorder, SystemTests.Endpoint) throws -> Void) throws {
        var configuration = Configuration()
        configuration.requestTimeout = .seconds(1)
        let recorder = Recorder()
        LibeventMemory.install()
        let address = try #require(SocketAddress(numericHost: "127.0.0.1", port: 0))
        let (sockets, bound) = try BoundSocket.listen(at: address, count: 1)
        let logger = Logger(label: "kvs") { _ in SwiftLogNoOpLogHandler() }
        let instance = try #require(
            try Assembly(configuration, openFiles: 1024, logger: logger)
                .instances(on: sockets, observer: recorder).first
        )
        try instance.loop.start()
        defer {
            instance.loop.execute { instance.server.close() }
            instance.loop.stop()
        }
        try body(recorder, try #require(Endpoint(bound.description)))
    }

    @Test("Each request of the corpus is told of once, with the status that its client is told")
    func corpus() throws {
        try Self.withMain { recorder, endpoint in
            let seed = "PUT /kvs/\(CorpusExchange.seededKey) HTTP/1.1\r\nHost: a\r\n"
            let value = "val=\(CorpusExchange.seededValue)"
            let client = try WireClient(endpoint)
            let put = try client.exchange(
                seed + "Content-Length: \(value.utf8.count)\r\n\r\n\(value)"
            )
            #expect(put.status == 201)
            #expect(recorder.take().map(\.status) == [201])
            for (number, file) in try CorpusFile.all().enumerated() {
                let client = try WireClient(endpoint)
                try client.send(file.bytes(freshKey: number))
                var told: [Int] = []
                while told.count < file.statuses.count {
                    let isHead = file.isHead && told.isEmpty
                    let status = try client.readResponse(toHead: isHead).status
                    if status >= 200 { told.append(status) }
                }
                // One too many, told of later, would stand with the next file.
                #expect(recorder.take().map(\.status) == told, "\(file.path)")
            }
        }
    }

    @Test(
        "Requests that hear nothing are told of as well: of clients that go, and that are too slow"
    )
    func unanswered() throws {
        try Self.withMain { recorder, endpoint in
            var client: WireClient? = try WireClient(endpoint)
            try client?.send("GET /kvs/a HTT")
            client = nil
            #expect(eventually { recorder.take().map(\.status) == [nil] })
            let slow = try WireClient(endpoint)
            try slow.send("PUT /kvs/a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nval")
            #expect(try slow.readResponse().status == 408)
            let records = recorder.take()
            #expect(records.map(\.status) == [408])
            #expect(records.map(\.method) == [.put])
        }
    }

    @Test("A record says what the request was, and how long its body is, also to HEAD")
    func content() throws {
        try Self.withMain { recorder, endpoint in
            let client = try WireClient(endpoint)
            let absent = try client.exchange("GET /kvs/none HTTP/1.1\r\nHost: a\r\n\r\n")
            try client.send("HEAD /kvs/none HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.readResponse(toHead: true).status == 404)
            let records = recorder.take()
            #expect(records.map(\.method) == [.get, .head])
            #expect(records.map(\.bodyBytes) == [absent.body.count, absent.body.count])
            #expect(records.allSatisfy { $0.start > .distantPast && $0.end <= .now })
            #expect(
                records.allSatisfy { record in
                    record.handedOver.map { record.start <= $0 && $0 <= record.end } ?? false
                }
            )
            #expect(records.map(\.label) == [1, 1])
            _ = try client.exchange(
                "PUT /kvs/a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nval=x"
            )
            _ = try client.exchange("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(recorder.take().map(\.contentBytes) == [5, 0])
        }
    }

    @Test(
        "While it is told of a request, an observer can ask for its id, its target and its client"
    )
    func details() throws {
        try Self.withMain { recorder, endpoint in
            let client = try WireClient(endpoint)
            let fields = "Host: a\r\nX-Request-Id: my.id-1_2\r\n\r\n"
            let first = try client.exchange("GET /kvs/a?b HTTP/1.1\r\n\(fields)")
            let second = try client.exchange("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
            let third = try client.exchange("PUT /kvs/b HTTP/1.1\r\nContent-Length: x\r\n\(fields)")
            let ids = [first, second, third].map { $0[header: "x-request-id"] ?? "" }
            #expect(ids[0] == "my.id-1_2")
            #expect(
                recorder.takeDetails() == [
                    "my.id-1_2 /kvs/a?b 127.0.0.1", "\(ids[1]) /livez 127.0.0.1",
                    "\(ids[2]) - 127.0.0.1",
                ]
            )
            #expect(recorder.take().map(\.refusal) == [nil, nil, .malformedContentLength])
        }
    }

    @Test("Each connection is told of when it begins and when it ends")
    func connections() throws {
        try Self.withMain { recorder, endpoint in
            var clients = try (0..<3).map { _ in try WireClient(endpoint) }
            for client in clients {
                _ = try client.exchange("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
            }
            #expect(recorder.begun.load(ordering: .relaxed) == 3)
            #expect(recorder.ended.load(ordering: .relaxed) == 0)
            clients.removeLast(2)
            #expect(eventually { recorder.ended.load(ordering: .relaxed) == 2 })
        }
    }
}
