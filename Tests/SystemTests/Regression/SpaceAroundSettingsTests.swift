import Testing

/// The carriage return that a file from Windows leaves at the end of a line was part of the setting.
@Suite("White space around settings", .timeLimit(.minutes(10)))
struct SpaceAroundSettingsTests {
    @Test("It is no part of them", arguments: ["\r", "\r\n", "\n", "\u{B}", "\u{C}", " \t\r"])
    func space(space: String) throws {
        let environment = [
            "IP": "127.0.0.1\(space)", "PORT": "\(space)0\(space)", "ISMAIN": "True\(space)",
            "KVS_THREADS": "2\(space)", "KVS_IDLE_TIMEOUT": "\(space)5s\(space)",
            "KVS_MAX_MEMORY": "64M\(space)", "MAINIP": space,
        ]
        let server = try ServerProcess(environment)
        #expect(server.standardOutput.contains("threads=2"))
        try HTTPClient(server.endpoint).put("key", "bart").expect(.created)
    }

    @Test("Inside of a value it is wrong")
    func inside() throws {
        let run = try ServerProcess.run(["IP": "127.0.0.1", "PORT": "80\r80"])
        #expect(run.status == .exited(78))
    }
}
