import Foundation
import Testing

/// One file of `Tests/Corpus`: raw bytes, and how the server must answer them.
struct CorpusFile: Sendable, CustomTestStringConvertible {
    /// What a client finds out when it goes on after the file's bytes.
    enum Connection: String, Sendable {
        /// The next request is answered.
        case open
        /// The server has closed; nothing more was read.
        case closed
    }

    /// Relative to `Tests/Corpus`: `refuse/400-length-plus.http`.
    let path: String
    let bytes: [UInt8]
    /// The status of each response, in order.
    let statuses: [Int]
    let connection: Connection

    var isRefused: Bool { path.hasPrefix("refuse/") }
    var testDescription: String { path }

    /// Whether the first response is one to HEAD, which has no body. No other request in a file is.
    var isHead: Bool {
        bytes.drop { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }
            .starts(with: "HEAD ".utf8)
    }

    /// The bytes with each key `key00000` made another, so that it is new to the store.
    func bytes(freshKey number: Int) -> [UInt8] {
        let digits = String(number, radix: 36)
        let key = "key" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
        var result = bytes
        for position in keyPositions {
            result.replaceSubrange(position..<position + key.utf8.count, with: key.utf8)
        }
        return result
    }

    private static let keyPlaceholder = Array("key00000".utf8)
    private let keyPositions: [Int]

    private init(path: String, connection: Connection) throws {
        let name = path.split(separator: "/")[1]
        self.path = path
        self.connection = connection
        let bytes = [UInt8](try Data(contentsOf: Self.directory.appendingPathComponent(path)))
        self.bytes = bytes
        statuses = name.prefix { $0 != "-" }.split(separator: "+").compactMap { Int($0) }
        keyPositions = bytes.indices.filter { bytes[$0...].starts(with: Self.keyPlaceholder) }
    }
}

extension CorpusFile {
    /// `Tests/Corpus`.
    static let directory = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Corpus")

    /// All files, in the order of `index.tsv`.
    static func all() throws -> [CorpusFile] {
        let index = directory.appendingPathComponent("index.tsv")
        return try String(contentsOf: index, encoding: .utf8)
            .split(separator: "\n").dropFirst()
            .map { line in
                let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
                guard columns.count == 4, columns.allSatisfy({ !$0.isEmpty }),
                    let connection = Connection(rawValue: String(columns[1]))
                else { throw MalformedIndex(line: String(line)) }
                return try CorpusFile(path: String(columns[0]), connection: connection)
            }
    }

    /// The paths of the files that are there, listed in the index or not.
    static func pathsOnDisk() throws -> Set<String> {
        var paths: Set<String> = []
        for folder in ["accept", "refuse"] {
            let url = directory.appendingPathComponent(folder)
            for name in try FileManager.default.contentsOfDirectory(atPath: url.path) {
                paths.insert("\(folder)/\(name)")
            }
        }
        return paths
    }

    struct MalformedIndex: Error {
        let line: String
    }
}
