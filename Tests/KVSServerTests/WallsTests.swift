import Foundation
import Testing

/// The manifest says which target may use which. SwiftPM takes an import of another one all the same where
/// that happens to be built first: so this reads the imports.
@Suite("Walls")
struct WallsTests {
    private static let own = [
        "Basics": ["CMalloc"],
        "Wire": ["Basics"],
        "EventLoops": ["Basics", "CLibevent", "CMalloc"],
        "EventHTTP": ["Basics", "CLibevent", "EventLoops", "Wire"],
        "KVSStore": ["Basics", "CXXHash", "Wire"],
        "KVSServer": ["Basics", "EventHTTP", "EventLoops", "KVSStore", "Wire"],
        "KVSClient": ["Basics", "EventHTTP", "EventLoops", "Wire"],
        "ContractCases": [],
        "kvs": [
            "Basics", "ContractCases", "EventHTTP", "EventLoops", "KVSClient", "KVSServer",
            "KVSStore",
            "Wire",
        ],
    ]
    private static let packages = [
        "EventLoops": ["Logging"],
        "EventHTTP": ["Logging"],
        "KVSServer": ["Logging", "ServiceLifecycle"],
        "kvs": ["ArgumentParser", "Logging", "ServiceLifecycle"],
    ]
    private static let system = ["Dispatch", "Glibc", "Synchronization"]

    private static let sources = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Sources")

    @Test(
        "Each target imports what stands below it, and nothing else",
        arguments: own.keys.sorted()
    )
    func imports(target: String) throws {
        let folder = Self.sources.appending(path: target)
        let allowed = Set(
            Self.system + (Self.own[target] ?? []) + (Self.packages[target] ?? [])
        )
        var fileCount = 0
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path())
        for path in paths where path.hasSuffix(".swift") {
            fileCount += 1
            let text = try String(contentsOf: folder.appending(path: path), encoding: .utf8)
            for line in text.split(separator: "\n") {
                let words = line.split(separator: " ")
                guard let place = words.firstIndex(of: "import"), place < 2 else { continue }
                let module = String(words.last ?? "")
                #expect(allowed.contains(module), "\(path) imports \(module)")
            }
        }
        #expect(fileCount > 0)
    }

    @Test("Each folder of Sources is a target with a place in this list")
    func targets() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.sources.path())
        #expect(Set(folders) == Set(Self.own.keys).union(["CLibevent", "CMalloc", "CXXHash"]))
    }
}
