import Testing

/// Where the files of the corpus are sent, and whether pipelining clients are at work there as well.
struct CorpusScene: Sendable, CustomTestStringConvertible {
    let deployment: Deployment
    let hasPipelining: Bool

    init(_ deployment: Deployment, hasPipelining: Bool = false) {
        self.deployment = deployment
        self.hasPipelining = hasPipelining
    }

    var testDescription: String {
        deployment.testDescription + (hasPipelining ? ", beside pipelining clients" : "")
    }

    /// Of so many positions in a file one is tried: the guard is the main's everywhere, and of all
    /// positions it is enough to try them there.
    private var stride: Int { hasPipelining ? 48 : deployment == .direct ? 1 : 6 }

    func sendInOnePiece() throws {
        try CorpusRun(self).check(try CorpusFile.all().map { ($0, []) })
    }

    func sendInTwoPieces() throws {
        try CorpusRun(self).check(
            try CorpusFile.all().enumerated().flatMap { number, file in
                Self.positions(in: file)
                    .filter { ($0 + number) % stride == 0 }
                    .map { (file, [$0]) }
            }
        )
    }

    func sendByteByByte() throws {
        let stride = hasPipelining ? 8 : 1
        try CorpusRun(self).check(
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
