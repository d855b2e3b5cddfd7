import Testing

/// The default of the limits came from one control group alone, buffers might take 256M in a container of
/// 128M, and limits of the process itself were not looked at: it was killed, or ended, where it was to
/// answer 507.
@Suite("Limits fit the memory that there is", .serialized, .timeLimit(.minutes(10)))
struct MemoryLimitsTests {
    @Test(
        "Under a limit of its own the store fills up to 507, and the process lives",
        .enabled(if: !ServerProcess.isSanitized, "sanitizers map terabytes"),
        arguments: ["--data=\(400 << 20)", "--as=\(1200 << 20)"]
    )
    func processLimit(_ limit: String) throws {
        let server = try ServerProcess(
            ["KVS_THREADS": "2"],
            wrapper: ["prlimit", limit]
        )
        let client = HTTPClient(server.endpoint)
        let value = [UInt8](repeating: 0x61, count: 1 << 20)
        var status = 201
        var count = 0
        while status == 201, count < 1200 {
            status = try client.put("key\(count)", body: value, contentType: "text/plain").status
            count += 1
        }
        #expect(status == 507)
        #expect(count > 16)
        #expect(try client.delete("key0").status == 200)
        #expect(try client.put("key0", body: value, contentType: "text/plain").status == 201)
        #expect(server.exitStatus == nil)
    }

    @Test("A limit that does not fit is told of, and stays what it is")
    func warning() throws {
        let server = try ServerProcess(["KVS_MAX_MEMORY": "4T"])
        #expect(server.standardOutput.contains("too little memory for all limits"))
        #expect(server.standardOutput.contains("max-memory=\(4 << 40)"))
    }
}
