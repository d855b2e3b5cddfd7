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

        func requestHasEnded(_ record: RequestRecord) { records.withLock { $0.append(record) } }

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
            #expect(records.allSatisfy { $0.start <= .now && $0.start > .distantPast })
        }
    }
}
