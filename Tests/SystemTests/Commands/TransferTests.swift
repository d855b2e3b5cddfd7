import Foundation
import KVSClient
import Testing

/// `kvs export` and `kvs import` between two mains.
@Suite("kvs export, kvs import", .timeLimit(.minutes(10)))
struct TransferTests {
    /// Values of all kinds, some with a time to live.
    private static let values: [(key: String, value: [UInt8], ttl: UInt32?)] = {
        let odd = "\"\\/\u{8}\u{C}\n\r\t\0\u{1F}\u{7F}\u{85}\u{2028}\u{202E}\u{E0001}é漢😀👩\u{200D}👧"
        var values: [(String, [UInt8], UInt32?)] = (0..<3000).map { number in
            let key = "key_\(number)"
            return switch number % 6 {
            case 0: (key, [], nil)
            case 1: (key, Array("value \(number)".utf8), nil)
            case 2: (key, Array("\(odd)\(number)".utf8), UInt32(100_000 + number))
            case 3: (key, [0xFF, UInt8(truncatingIfNeeded: number), 0x0A], nil)
            case 4: (key, [0xC3, 0x28, UInt8(truncatingIfNeeded: number)], .max)
            default: (key, Pattern.bytes(count: number * 3), nil)
            }
        }
        let most = KVSClient.maximumValueBytes
        values.append((String(repeating: "L", count: 250), Pattern.bytes(count: most), nil))
        values.append(("controls", [UInt8](repeating: 1, count: most), nil))
        values.append(("binary", [UInt8](repeating: 0xFE, count: most), 100_000))
        values.append(("marks", Array(String(repeating: "\u{202E}", count: 20_000).utf8), nil))
        return values
    }()

    /// Fills a main with ``values``.
    private static func fill(_ main: ServerProcess) async throws {
        let client = try KVSClient("http://\(main.endpoint)")
        defer { client.close() }
        for (key, value, ttl) in values {
            _ = try await client.put(key, value, secondsToLive: ttl)
        }
    }

    /// Whether a main has ``values``, and nothing else.
    private static func expectValues(_ service: Endpoint) async throws {
        let client = try KVSClient("http://\(service)")
        defer { client.close() }
        for (key, value, ttl) in values {
            let stored = try await client.storedValue(of: key)
            // `==` on the arrays alone: a list of differences would take minutes.
            #expect((stored?.bytes == value) == true, "\(key)")
            if let ttl, let left = stored?.secondsToLive {
                #expect((ttl - 1000...ttl).contains(left), "\(key)")
            } else {
                #expect(stored?.secondsToLive == ttl, "\(key)")
            }
        }
        let list = try CommandRun(["list"], service: service)
        #expect(list.output.split(separator: "\n").count == values.count)
    }

    /// `kvs export | kvs import`, which must both succeed.
    private static func copy(from source: Endpoint, to target: Endpoint) throws -> CommandRun {
        let script = #"set -o pipefail; "$0" export --url "$1" | "$0" import --url "$2""#
        let program = try ServerProcess.Program.kvs.path()
        return try CommandRun(
            command: ["bash", "-c", script, program, "\(source)", "\(target)"],
            service: nil,
            input: nil,
            within: .seconds(180)
        )
    }

    private static func makePath() -> String {
        FileManager.default.temporaryDirectory
            .appendingPathComponent("kvs-export-\(UUID().uuidString)").path
    }

    /// `kvs export` into a file, which must succeed: the values are more than what is kept of an output.
    private static func export(_ source: Endpoint, to path: String) throws {
        let script = #"exec "$0" export --url "$1" >"$2""#
        let program = try ServerProcess.Program.kvs.path()
        let run = try CommandRun(
            command: ["bash", "-c", script, program, "\(source)", path],
            service: nil,
            input: nil,
            within: .seconds(180)
        )
        #expect(run.status == .exited(0) && run.error == "")
    }

    @Test("Each value comes unharmed, and a second run changes nothing", arguments: [false, true])
    func roundTrip(isRelayed: Bool) async throws {
        let (source, target) = (try ServerProcess.main(), try ServerProcess.main())
        let ways = try [source, target].map { main in
            isRelayed ? try ServerProcess.forwarder(to: main.endpoint) : main
        }
        try await Self.fill(source)
        let first = try Self.copy(from: ways[0].endpoint, to: ways[1].endpoint)
        #expect(first.status == .exited(0) && first.output == "")
        #expect(first.error == "kvs: \(Self.values.count) written, 0 unchanged\n")
        try await Self.expectValues(target.endpoint)
        let second = try Self.copy(from: ways[0].endpoint, to: ways[1].endpoint)
        #expect(second.status == .exited(0))
        #expect(second.error == "kvs: 0 written, \(Self.values.count) unchanged\n")
        try HTTPClient(target.endpoint).put("key_1", "other").expect(.replaced)
        try HTTPClient(target.endpoint).delete("key_7").expect(.deleted)
        let third = try Self.copy(from: ways[0].endpoint, to: ways[1].endpoint)
        #expect(third.error == "kvs: 2 written, \(Self.values.count - 2) unchanged\n")
        try await Self.expectValues(target.endpoint)
    }

    @Test("Killed half-way and run again: what was missing is written, and all is there")
    func killedImport() async throws {
        let (source, target) = (try ServerProcess.main(), try ServerProcess.main())
        try await Self.fill(source)
        let path = Self.makePath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Self.export(source.endpoint, to: path)
        let exported = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        // The rest does not come before the program is killed: it is under way by then.
        let lines = exported.split(separator: 0x0A, omittingEmptySubsequences: false)
        let half = Array(lines[..<1500].joined(separator: [0x0A])) + [0x0A] + lines[1500].prefix(3)
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { ends.forEach { close($0) } }
        let child = try ChildProcess(
            [try ServerProcess.Program.kvs.path(), "import", "--url", "\(target.endpoint)"],
            environment: ServerProcess.environment(adding: [:]),
            standardInput: ends[0]
        )
        var rest = half[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(ends[1], $0.baseAddress, $0.count) }
            try #require(count > 0)
            rest = rest.dropFirst(count)
        }
        let isHalfThere = try eventually(within: .seconds(60)) {
            let list = try CommandRun(["list"], service: target.endpoint)
            return list.output.split(separator: "\n").count == 1500
        }
        #expect(isHalfThere, "what has come is sent, and waits for no more input")
        child.send(signal: SIGKILL)
        #expect(child.waitForExit() == .signalled(SIGKILL))
        let again = try CommandRun(
            command: [try ServerProcess.Program.kvs.path(), "import", path],
            service: target.endpoint,
            input: nil,
            within: .seconds(180)
        )
        #expect(again.status == .exited(0))
        #expect(again.error == "kvs: \(Self.values.count - 1500) written, 1500 unchanged\n")
        try await Self.expectValues(target.endpoint)
    }

    @Test(
        "However large the values are together, few are in memory",
        .disabled(if: ServerProcess.isSanitized, "a sanitizer keeps what was freed")
    )
    func memory() async throws {
        let (source, target) = (try ServerProcess.main(), try ServerProcess.main())
        let client = try KVSClient("http://\(source.endpoint)")
        defer { client.close() }
        let value = Pattern.bytes(count: KVSClient.maximumValueBytes)
        // 240 MiB.
        for number in 0..<160 { try await client.put("key_\(number)", value) }
        let path = Self.makePath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let script = #"exec "$0" export --url "$1" >"$2""#
        let program = try ServerProcess.Program.kvs.path()
        let export = ["bash", "-c", script, program, "\(source.endpoint)", path]
        let load = [program, "import", path, "--url", "\(target.endpoint)"]
        for command in [export, load] {
            let child = try ChildProcess(
                command,
                environment: ServerProcess.environment(adding: [:])
            )
            var peak = 0
            let hasEnded = eventually(within: .seconds(180)) {
                let status = try? String(
                    contentsOfFile: "/proc/\(child.pid)/status",
                    encoding: .utf8
                )
                let kibibytes = status?.firstMatch(of: /VmHWM:\s+(\d+) kB/).flatMap { Int($0.1) }
                peak = max(peak, kibibytes ?? 0)
                return child.exitStatus != nil
            }
            #expect(hasEnded && child.exitStatus == .exited(0), "\(child.standardError)")
            #expect(peak > 0 && peak < 160 << 10, "\(peak) KiB: \(command)")
        }
        let list = try CommandRun(["list"], service: target.endpoint)
        #expect(list.output.split(separator: "\n").count == 160)
    }
}
