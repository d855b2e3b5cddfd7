import Synchronization
import Testing

/// Sends corpus files to a server, many connections at a time, and records what is answered wrongly.
struct CorpusRun {
    /// Connections open at one time.
    private static let batchSize = 256
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

    /// Sends each file in pieces that the server reads one after the other.
    func check(_ cases: [(file: CorpusFile, splits: [Int])]) throws {
        let load = PipeliningLoad(pipeliningCount, at: server.endpoint, .everything)
        var faults: [String] = []
        var rest = cases[...]
        // What was found right once need not be taken apart again.
        var right: [String: Set<Transcript>] = [:]
        while !rest.isEmpty, faults.count < Self.faultLimit {
            let batch = rest.prefix(Self.batchSize)
            rest = rest.dropFirst(Self.batchSize)
            do {
                faults += try faultsOfBatch(Array(batch), right: &right)
            } catch {
                faults.append("the batch from \(batch[batch.startIndex].file.path): \(error)")
            }
        }
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

    private func faultsOfBatch(
        _ batch: [(file: CorpusFile, splits: [Int])],
        right: inout [String: Set<Transcript>]
    ) throws -> [String] {
        let exchanges = try batch.map { file, splits in
            try CorpusExchange(
                file,
                number: Self.freshNumber(),
                splits: splits,
                to: server.endpoint
            )
        }
        // The server accepts, then reads.
        for _ in 0..<2 { try waitUntilServerHasRead() }
        var faults = try sendPieces(of: exchanges)
        for (number, exchange) in exchanges.enumerated() where faults[number] == nil {
            let path = exchange.file.path
            do {
                let transcript = try exchange.readTranscript()
                if right[path, default: []].contains(transcript) { continue }
                faults[number] = exchange.fault(of: transcript)
                if faults[number] == nil { right[path, default: []].insert(transcript) }
            } catch {
                faults[number] = "\(error)"
            }
        }
        var described = faults.map { number, fault in
            "\(exchanges[number].file.path) split at \(batch[number].splits.prefix(3)): \(fault)"
        }
        let smuggled = try server.client().get(CorpusExchange.smuggledKey)
        if smuggled.status != 404 {
            described.append("a hidden request ran: from \(exchanges[0].file.path) on")
            _ = try server.client().delete(CorpusExchange.smuggledKey)
        }
        return described.sorted()
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
