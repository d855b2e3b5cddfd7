import Basics
import Synchronization
import Testing

/// Sends corpus files to a server, many connections at a time, and records what is answered wrongly.
struct CorpusRun {
    /// Connections open at one time.
    private static let batchSize = 256
    /// Connections of earlier batches that are still open: a server that cannot tell where a refused
    /// body ends goes on reading for two seconds, in which the next batches can be sent.
    private static let unreadLimit = min(4096, max(0, OpenFileLimit.raise() - 3 * batchSize))
    /// Faults shown; more of them say nothing new.
    private static let faultLimit = 20

    private let server: ServerUnderTest
    /// A connection of its own, see ``waitUntilServerHasRead()``.
    private let control: WireClient
    /// How many clients pipeline beside the files.
    private let pipeliningCount: Int

    /// Takes the suite's server for a scene, with the seeded key in its store.
    init(_ scene: CorpusScene) throws {
        server = try .shared(scene.deployment)
        pipeliningCount = scene.hasPipelining ? 2 : 0
        control = try server.wire()
        let seeded = try server.client()
            .put(CorpusExchange.seededKey, CorpusExchange.seededValue)
        #expect(seeded.status == 200 || seeded.status == 201)
    }

    /// What has been sent, and has not been judged yet.
    private struct Sent {
        let exchange: CorpusExchange
        let splits: [Int]

        func described(_ fault: String) -> String {
            "\(exchange.file.path) split at \(splits.prefix(3)): \(fault)"
        }
    }

    /// Sends each file in pieces that the server reads one after the other.
    func check(_ cases: [(file: CorpusFile, splits: [Int])]) throws {
        let load = PipeliningLoad(pipeliningCount, at: server.endpoint, .everything)
        var faults: [String] = []
        var rest = cases[...]
        var unread: [Sent] = []
        // What was found right once need not be taken apart again.
        var right: [String: Set<Transcript>] = [:]
        while !rest.isEmpty, faults.count < Self.faultLimit {
            let batch = rest.prefix(Self.batchSize)
            rest = rest.dropFirst(Self.batchSize)
            do {
                faults += try send(Array(batch), into: &unread)
            } catch {
                faults.append("the batch from \(batch[batch.startIndex].file.path): \(error)")
            }
            faults += Self.judge(&unread, keeping: Self.unreadLimit, right: &right)
            faults += try faultOfStore(after: batch[batch.startIndex].file)
        }
        faults += Self.judge(&unread, keeping: 0, right: &right)
        if let last = cases.last { faults += try faultOfStore(after: last.file) }
        let wrong = try load.stop()
        #expect(wrong == [], "what the pipelining clients were told")
        #expect(load.answered > 0 || pipeliningCount == 0)
        for fault in faults.prefix(Self.faultLimit) {
            Issue.record("\(fault)")
        }
        for process in server.processes {
            #expect(!process.standardOutput.contains(" error "), "the log of \(process.endpoint)")
        }
    }

    /// Sends a batch.
    ///
    /// - Parameter unread: Gets what is to be judged.
    /// - Returns: What could not be sent.
    private func send(
        _ batch: [(file: CorpusFile, splits: [Int])],
        into unread: inout [Sent]
    ) throws -> [String] {
        let batch = try batch.map { file, splits in
            let number = Self.freshNumber()
            let exchange = try CorpusExchange(
                file,
                number: number,
                splits: splits,
                to: server.endpoint
            )
            return Sent(exchange: exchange, splits: splits)
        }
        // The server accepts, then reads.
        for _ in 0..<2 { try waitUntilServerHasRead() }
        let faults = try sendPieces(of: batch.map(\.exchange))
        unread += batch.enumerated().filter { faults[$0.offset] == nil }.map(\.element)
        return faults.sorted { $0.key < $1.key }.map { batch[$0].described($1) }
    }

    /// Judges what was answered where the server has ended the stream, and waits for that end where
    /// more than `limit` would be left.
    private static func judge(
        _ unread: inout [Sent],
        keeping limit: Int,
        right: inout [String: Set<Transcript>]
    ) -> [String] {
        let mustRead = unread.count - limit
        var kept: [Sent] = []
        var faults: [String] = []
        for (number, sent) in unread.enumerated() {
            guard number < mustRead || sent.exchange.isOver else {
                kept.append(sent)
                continue
            }
            let path = sent.exchange.file.path
            do {
                let transcript = try sent.exchange.readTranscript()
                if right[path, default: []].contains(transcript) { continue }
                if let fault = sent.exchange.fault(of: transcript) {
                    faults.append(sent.described(fault))
                } else {
                    right[path, default: []].insert(transcript)
                }
            } catch {
                faults.append(sent.described("\(error)"))
            }
        }
        unread = kept
        return faults
    }

    /// Whether a hidden request has run.
    private func faultOfStore(after file: CorpusFile) throws -> [String] {
        let smuggled = try server.client().get(CorpusExchange.smuggledKey)
        guard smuggled.status != 404 else { return [] }
        _ = try server.client().delete(CorpusExchange.smuggledKey)
        return ["a hidden request ran: from \(file.path) on"]
    }

    /// - Returns: What went wrong, by the exchange's index.
    private func sendPieces(of exchanges: [CorpusExchange]) throws -> [Int: String] {
        var faults: [Int: String] = [:]
        for index in 0..<(exchanges.map(\.pieceCount).max() ?? 0) {
            for (number, exchange) in exchanges.enumerated() where faults[number] == nil {
                do {
                    try exchange.send(piece: index)
                } catch {
                    faults[number] = "piece \(index): \(error)"
                }
            }
            try waitUntilServerHasRead()
        }
        return faults
    }

    /// Waits until the server has seen what it was sent, so that the next piece cannot arrive together
    /// with that: it has one loop, which answers here after what came before.
    private func waitUntilServerHasRead() throws {
        let reply = try control.exchange("GET /livez HTTP/1.1\r\nHost: kvs.test\r\n\r\n")
        #expect(reply.status == 200)
    }

    private static func freshNumber() -> Int {
        counter.wrappingAdd(1, ordering: .relaxed).newValue
    }

    private static let counter = Atomic(0)
}
