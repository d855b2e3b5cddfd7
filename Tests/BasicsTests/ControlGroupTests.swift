import Foundation
import Testing

@testable import Basics

/// Limits are read from a tree of files that looks like the kernel's.
@Suite("Control groups")
struct ControlGroupTests {
    /// Lays the files out, and takes them away again.
    private static func with<R>(
        _ membership: String?,
        _ files: [String: String],
        _ body: (ControlGroup) throws -> R
    ) throws -> R {
        let manager = FileManager.default
        let root = manager.temporaryDirectory.appendingPathComponent("groups-\(UUID())")
        defer { try? manager.removeItem(at: root) }
        for (name, text) in files {
            let file = root.appendingPathComponent("fs/\(name)")
            try manager.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data("\(text)\n".utf8).write(to: file)
        }
        let group = root.appendingPathComponent("membership")
        if let membership { try Data("\(membership)\n".utf8).write(to: group) }
        return try body(ControlGroup(root: root.path + "/fs", membership: group.path))
    }

    private static func memory(_ membership: String?, _ files: [String: String]) throws -> Int? {
        try with(membership, files) { MemoryLimit.group($0) }
    }

    private static func cores(_ membership: String?, _ files: [String: String]) throws -> Int? {
        try with(membership, files) { AvailableCores.quotaCount($0) }
    }

    @Test("The least limit on the way to the root counts")
    func parents() throws {
        #expect(
            try Self.memory(
                "0::/pod/box",
                ["pod/box/memory.max": "max", "pod/memory.max": "1000", "memory.max": "5000"]
            ) == 1000
        )
        #expect(
            try Self.memory("0::/a/b", ["a/b/memory.max": "900", "a/memory.high": "800"]) == 800
        )
        #expect(
            try Self.memory(
                "4:memory:/a/b",
                [
                    "memory/a/b/memory.limit_in_bytes": "9223372036854771712",
                    "memory/a/memory.limit_in_bytes": "700",
                ]
            ) == 700
        )
        #expect(
            try Self.cores(
                "0::/a/b",
                ["a/b/cpu.max": "400000 100000", "a/cpu.max": "150000 100000", "cpu.max": "max 1"]
            ) == 2
        )
    }

    @Test("A version 1 group knows of limits above what the container sees")
    func hierarchical() throws {
        let files = [
            "memory/memory.limit_in_bytes": "5000",
            "memory/memory.stat": "cache 0\nhierarchical_memory_limit 600",
        ]
        #expect(try Self.memory("4:memory:/docker/x", files) == 600)
    }

    @Test("Namespaces, hybrid layouts, and no membership at all")
    func layouts() throws {
        #expect(try Self.memory("0::/../other", ["memory.max": "100"]) == 100)
        #expect(try Self.memory("0::/host/path", ["memory.max": "200"]) == 200)
        #expect(try Self.memory("1:cpu:/\n0::/s", ["unified/s/memory.max": "300"]) == 300)
        #expect(try Self.memory(nil, ["memory.max": "400"]) == 400)
        #expect(try Self.memory(nil, [:]) == nil)
        #expect(try Self.memory("garbage", ["memory.max": "nonsense"]) == nil)
        let quota = ["cpu/q/cpu.cfs_quota_us": "250000", "cpu/q/cpu.cfs_period_us": "100000"]
        #expect(try Self.cores("2:cpu:/q", quota) == 3)
        #expect(try Self.cores(nil, [:]) == nil)
    }
}
