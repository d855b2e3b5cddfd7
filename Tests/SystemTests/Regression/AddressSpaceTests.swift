import Testing

/// Memory that ends for real: from about the 150th value on, PUTs were answered 201 and GETs gave 0 bytes,
/// and small ones ended the program.
@Suite("An address space that is full", .timeLimit(.minutes(10)))
struct AddressSpaceTests {
    @Test(
        "PUTs are refused with 507, and what was acknowledged stays",
        arguments: [1_400_000, 50_000, 3_000]
    )
    func full(_ size: Int) throws {
        let server = try ServerProcess.main(["KVS_THREADS": "1"])
        let limit = try server.addressSpaceBytes() + (64 << 20)
        let prlimit = try ChildProcess(
            ["prlimit", "--pid", "\(server.pid)", "--as=\(limit):"],
            environment: ServerProcess.environment(adding: [:])
        )
        try #require(prlimit.waitForExit() == .exited(0), "\(prlimit.standardError)")
        let wire = try WireClient(server.endpoint)
        func value(_ number: Int) -> [UInt8] {
            [UInt8](repeating: UInt8(0x20 + number % 64), count: size)
        }
        var refused = 0
        var acknowledged: [Int] = []
        var number = 0
        // More than fits, whatever the heap makes of it.
        while refused < 20, number * size < 512 << 20 {
            let reply = try wire.exchange(RawRequest.put("key\(number)", value(number)))
            switch reply.status {
            case 201: acknowledged.append(number)
            case 507: refused += 1
            default: Issue.record("a PUT is answered \(reply.status): \(reply.text)")
            }
            number += 1
        }
        #expect(refused == 20)
        #expect(acknowledged.count * size > 16 << 20)
        for number in acknowledged.enumerated().filter({ $0.offset % 16 == 0 }).map(\.element) {
            let request = RawRequest.get("key\(number)")
            let reply = try wire.exchange(request)
            #expect(reply.status == 200)
            let isSame = try reply.json().valueBytes == value(number)
            #expect(isSame, "key\(number)")
        }
        let first = try #require(acknowledged.first)
        let deletion = "DELETE /kvs/key\(first) HTTP/1.1\r\nHost: x\r\n\r\n"
        #expect(try wire.exchange(deletion).status == 200)
        server.terminate()
        #expect(server.waitForExit() == .exited(0))
    }
}
