import Foundation
import Testing

/// Raw requests, good and bad, in `Tests/Corpus`: what each must be answered is in its name.
@Suite("Corpus of raw requests", .serialized, .sharedServers(["KVS_THREADS": "1"]))
struct CorpusTests {
    /// One forwarder tells as much as two: it judges the bytes itself, and passes on requests.
    private static let deployments: [Deployment] =
        Deployment.all.contains(.viaForwarder(1))
        ? [.direct, .viaForwarder(1)] : [.direct]

    @Test("The index lists each file once, and files of every kind are there")
    func indexIsComplete() throws {
        let files = try CorpusFile.all()
        #expect(Set(files.map(\.path)) == (try CorpusFile.pathsOnDisk()))
        #expect(files.count == Set(files.map(\.path)).count)
        #expect(files.count { $0.isRefused } >= 100)
        #expect(files.count { !$0.isRefused } >= 70)
        for file in files {
            #expect(!file.statuses.isEmpty && !file.bytes.isEmpty, "\(file.path)")
            #expect(!file.isRefused || file.connection == .closed, "\(file.path)")
        }
    }

    @Test("Each file in one piece is answered as its name says", arguments: deployments)
    func inOnePiece(_ deployment: Deployment) throws {
        let run = try CorpusRun(deployment)
        run.check(try CorpusFile.all().map { ($0, []) })
    }

    @Test("Each file in two pieces is answered as its name says", arguments: deployments)
    func inTwoPieces(_ deployment: Deployment) throws {
        let run = try CorpusRun(deployment)
        // The forwarder's guard is the main's: there a part of the positions is enough.
        let stride = deployment == .direct ? 1 : 6
        run.check(
            try CorpusFile.all().enumerated().flatMap { number, file in
                Self.positions(in: file)
                    .filter { ($0 + number) % stride == 0 }
                    .map { (file, [$0]) }
            }
        )
    }

    @Test("Each file byte by byte is answered as its name says", arguments: deployments)
    func byteByByte(_ deployment: Deployment) throws {
        let run = try CorpusRun(deployment)
        run.check(
            try CorpusFile.all()
                .filter { $0.bytes.count <= 400 }
                .map { ($0, Array(1..<$0.bytes.count)) }
        )
    }

    /// Where to split: everywhere in a short file; in a long one at its ends and at some places between.
    private static func positions(in file: CorpusFile) -> [Int] {
        let count = file.bytes.count
        return (1..<count).filter { position in
            position <= 200 || count - position <= 100 || position % 509 == 0
        }
    }
}
