import Foundation
import Testing

/// Raw requests, good and bad, in `Tests/Corpus`: what each must be answered is in its name.
@Suite("Corpus of raw requests", .serialized, .sharedServers(["KVS_THREADS": "1"]))
struct CorpusTests {
    /// Where the files are sent, and whether pipelining clients are at work there as well.
    struct Scene: Sendable, CustomTestStringConvertible {
        let deployment: Deployment
        let hasPipelining: Bool

        var testDescription: String {
            deployment.testDescription + (hasPipelining ? ", beside pipelining clients" : "")
        }

        /// Of so many positions in a file one is tried: the guard is the main's everywhere, and of all
        /// positions it is enough to try them there.
        var stride: Int { hasPipelining ? 48 : deployment == .direct ? 1 : 6 }
    }

    /// One forwarder tells as much as two: it judges the bytes itself, and passes on requests. One with
    /// two connections makes files and pipelined requests wait in one line.
    private static let scenes: [Scene] =
        Deployment.all.contains(.viaForwarder(1))
        ? [
            Scene(deployment: .direct, hasPipelining: false),
            Scene(deployment: .viaForwarder(1), hasPipelining: false),
            Scene(deployment: .direct, hasPipelining: true),
            Scene(deployment: .viaNarrowForwarder, hasPipelining: true),
        ] : [Scene(deployment: .direct, hasPipelining: false)]

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

    @Test("Each file in one piece is answered as its name says", arguments: scenes)
    func inOnePiece(_ scene: Scene) throws {
        let run = try CorpusRun(scene)
        try run.check(try CorpusFile.all().map { ($0, []) })
    }

    @Test("Each file in two pieces is answered as its name says", arguments: scenes)
    func inTwoPieces(_ scene: Scene) throws {
        let run = try CorpusRun(scene)
        let stride = scene.stride
        try run.check(
            try CorpusFile.all().enumerated().flatMap { number, file in
                Self.positions(in: file)
                    .filter { ($0 + number) % stride == 0 }
                    .map { (file, [$0]) }
            }
        )
    }

    @Test("Each file byte by byte is answered as its name says", arguments: scenes)
    func byteByByte(_ scene: Scene) throws {
        let run = try CorpusRun(scene)
        let stride = scene.hasPipelining ? 8 : 1
        try run.check(
            try CorpusFile.all()
                .filter { $0.bytes.count <= 400 }
                .enumerated().filter { $0.offset % stride == 0 }.map(\.element)
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
