import Testing

@testable import KVSServer

@Suite("Shares of the memory")
struct MemorySharesTests {
    @Test("Everything together fits", arguments: [96, 128, 256, 1024, 65_536], [1, 2, 4])
    func shares(mebibytes: Int, threads: Int) {
        let available = mebibytes << 20
        var configuration = Configuration()
        configuration.threads = threads
        configuration.maximumBufferedBytes = Configuration.defaultBufferedBytes(
            available: available
        )
        configuration.maximumMemoryBytes = Configuration.defaultMemoryBytes(
            available: available,
            buffered: configuration.maximumBufferedBytes,
            threads: threads
        )
        #expect(configuration.neededBytes <= available)
        #expect(configuration.maximumMemoryBytes >= available / 8)
    }
}
