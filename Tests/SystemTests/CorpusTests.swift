import Testing

/// Raw requests, good and bad, in `Tests/Corpus`: what each must be answered is in its name.
@Suite("Corpus of raw requests", .serialized, .sharedServers(["KVS_THREADS": "1"]))
struct CorpusTests {
    /// One forwarder tells as much as two: it judges the bytes itself, and passes on requests.
    private static let scenes: [CorpusScene] =
        Deployment.all.contains(.viaForwarder(1))
        ? [CorpusScene(.direct), CorpusScene(.viaForwarder(1))] : [CorpusScene(.direct)]

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
    func inOnePiece(_ scene: CorpusScene) throws { try scene.sendInOnePiece() }

    @Test("Each file in two pieces is answered as its name says", arguments: scenes)
    func inTwoPieces(_ scene: CorpusScene) throws { try scene.sendInTwoPieces() }

    @Test("Each file byte by byte is answered as its name says", arguments: scenes)
    func byteByByte(_ scene: CorpusScene) throws { try scene.sendByteByByte() }
}

/// The same beside clients that pipeline: what a loop does for them must not mix with the files' bytes.
@Suite(
    "Corpus of raw requests, beside pipelining clients",
    .serialized,
    .sharedServers(["KVS_THREADS": "1"])
)
struct CorpusBesidePipeliningTests {
    /// A forwarder with two connections makes files and pipelined requests wait in one line.
    private static let scenes: [CorpusScene] =
        Deployment.all.contains(.viaForwarder(1))
        ? [.direct, .viaNarrowForwarder].map { CorpusScene($0, hasPipelining: true) } : []

    @Test("Each file in one piece is answered as its name says", arguments: scenes)
    func inOnePiece(_ scene: CorpusScene) throws { try scene.sendInOnePiece() }

    @Test("Each file in two pieces is answered as its name says", arguments: scenes)
    func inTwoPieces(_ scene: CorpusScene) throws { try scene.sendInTwoPieces() }

    @Test("Each file byte by byte is answered as its name says", arguments: scenes)
    func byteByByte(_ scene: CorpusScene) throws { try scene.sendByteByByte() }
}
