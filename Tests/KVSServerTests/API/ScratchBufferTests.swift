import TestSupport
import Testing

@testable import KVSServer

@Suite("Scratch buffer")
struct ScratchBufferTests {
    @Test("It gives as many bytes as asked for, and keeps them for the next time")
    func reuse() throws {
        var scratch = ScratchBuffer()
        #expect(try scratch.reserve(0).count == 0)
        #expect(scratch.capacityBytes == 0)
        #expect(try scratch.reserve(1_000).count == 1_000)
        scratch.trim()
        let address = try scratch.reserve(1_000).baseAddress
        #expect(try scratch.reserve(10).baseAddress == address)
        #expect(try scratch.reserve(10).count == 10)
        #expect(scratch.capacityBytes == 1_000)
    }

    @Test("It doubles as it grows, up to what it keeps")
    func growth() throws {
        var scratch = ScratchBuffer()
        _ = try scratch.reserve(1_000)
        _ = try scratch.reserve(1_001)
        #expect(scratch.capacityBytes == 2_000)
        _ = try scratch.reserve(200_000)
        _ = try scratch.reserve(200_001)
        #expect(scratch.capacityBytes == ScratchBuffer.retainedBytes)
    }

    @Test("It gives memory back where one request took more than 256 KiB")
    func trim() throws {
        var scratch = ScratchBuffer()
        _ = try scratch.reserve(262_144)
        scratch.trim()
        #expect(scratch.capacityBytes == 262_144)
        _ = try scratch.reserve(262_145)
        scratch.trim()
        #expect(scratch.capacityBytes == 0)
    }

    @Test("Decoding a large value leaves no large buffer behind, whether it was used or refused")
    func decodingTrims() throws {
        var scratch = ScratchBuffer()
        let body = [UInt8]("val=+" + String(repeating: "x", count: 300_000))
        for isRefused in [false, true] {
            let count = withExactBytes(body) { body in
                Result { () throws(APIError) in
                    try ValueDecoder.withValue(in: body, contentType: nil, scratch: &scratch) {
                        (value) throws(APIError) -> Int in
                        if isRefused { throw .outOfMemory }
                        return value.count
                    }
                }
            }
            #expect(count == (isRefused ? .failure(.outOfMemory) : .success(300_001)))
            #expect(scratch.capacityBytes == 0)
        }
    }
}
