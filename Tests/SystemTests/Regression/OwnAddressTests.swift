import Testing

/// A main elsewhere was taken for this very instance, and this very instance for a main elsewhere.
@Suite("A main that is this very instance", .timeLimit(.minutes(10)))
struct OwnAddressTests {
    @Test(
        "It ends the start with 78",
        arguments: [
            ("0.0.0.0", "127.0.0.1"), ("0.0.0.0", "127.0.0.7"), ("0.0.0.0", "0.0.0.0"),
            ("::", "127.0.0.1"), ("::", "[::1]"), ("127.0.0.1", "0.0.0.0"),
            ("127.0.0.1", "[::ffff:127.0.0.1]"),
        ]
    )
    func own(ip: String, main: String) throws {
        let run = try ServerProcess.run(["IP": ip, "PORT": "18080", "MAINIP": "\(main):18080"])
        #expect(run.status == .exited(78))
        #expect(run.standardError.contains("this very instance"))
    }

    @Test(
        "One that is not serves, also where any address can be bound",
        arguments: [("0.0.0.0", "[::1]"), ("0.0.0.0", "192.0.2.7"), ("127.0.0.1", "127.0.0.2")]
    )
    func other(ip: String, main: String) throws {
        let script = """
            ip link set lo up && sysctl -qw net.ipv4.ip_nonlocal_bind=1 || exit 99
            ip route add 192.0.2.0/24 dev lo || exit 99
            exec "$@"
            """
        let child = try ChildProcess(
            ["unshare", "-n", "sh", "-c", script, "sh", try ServerProcess.Program.kvs.path()],
            environment: ServerProcess.environment(
                adding: ["IP": ip, "PORT": "18080", "MAINIP": "\(main):18080"]
            )
        )
        let ready = child.waitForOutput { $0.contains("url=") ? true : nil }
        guard child.exitStatus != .exited(99), child.exitStatus != .exited(1) else {
            print("not tried: no network namespace here: \(child.standardError)")
            return
        }
        #expect(ready == true && child.standardError == "")
    }
}
