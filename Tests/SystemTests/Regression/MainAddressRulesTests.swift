import Testing

/// Addresses that are none were looked up as names, or read in an old way as other addresses.
@Suite("Rules for the main's address", .timeLimit(.minutes(10)))
struct MainAddressRulesTests {
    @Test(
        "A host that ends in a number and is no address ends the start with 78",
        arguments: [
            "999.1.1.1", "256.0.0.1", "010.0.0.20", "10.0.0.020", "10.0.20", "10.0.0", "10",
            "1.2.3.4.5", "1.2.3.4.", "foo.1", "0x7f.0.0.1", "0x7f.1", "0x7f000001", "main.0X1f",
            "main.0x", "-main", "main-", "a.-b", "a..b", ".a", ".", "a..",
            String(repeating: "a", count: 64), "10.0.0.20:80",
        ]
    )
    func refused(host: String) throws {
        let run = try ServerProcess.run(
            ["IP": "127.0.0.1", "PORT": "0", "MAINIP": "\(host):8080"]
        )
        #expect(run.status == .exited(78))
        #expect(run.standardError.hasPrefix("kvs: error: MAINIP must be "))
        #expect(run.standardError.split(separator: "\n").count == 1)
        #expect(!run.standardOutput.contains("url="))
    }
}
