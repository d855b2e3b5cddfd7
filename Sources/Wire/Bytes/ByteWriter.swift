/// Appends to a caller's buffer, front to back, and traps rather than write beyond its end.
struct ByteWriter {
    /// The number of bytes written.
    private(set) var count = 0

    private let output: UnsafeMutableRawBufferPointer

    init(_ output: UnsafeMutableRawBufferPointer) {
        self.output = output
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        precondition(count < output.count, "the output buffer is too small")
        output[count] = byte
        count &+= 1
    }

    /// Appends the eight bytes of `word`, the least significant first.
    @inline(__always)
    mutating func append(word: UInt64) {
        precondition(count &+ 8 <= output.count, "the output buffer is too small")
        output.storeBytes(of: word.littleEndian, toByteOffset: count, as: UInt64.self)
        count &+= 8
    }

    /// Appends the UTF-8 form of a Unicode scalar value.
    @inline(__always)
    mutating func append(scalar: UInt32) {
        switch scalar {
        case 0..<0x80:
            append(UInt8(truncatingIfNeeded: scalar))
        case 0x80..<0x800:
            append(0xC0 | UInt8(truncatingIfNeeded: scalar &>> 6))
            append(continuation: scalar)
        case 0x800..<0x1_0000:
            append(0xE0 | UInt8(truncatingIfNeeded: scalar &>> 12))
            append(continuation: scalar &>> 6)
            append(continuation: scalar)
        default:
            append(0xF0 | UInt8(truncatingIfNeeded: scalar &>> 18))
            append(continuation: scalar &>> 12)
            append(continuation: scalar &>> 6)
            append(continuation: scalar)
        }
    }

    @inline(__always)
    private mutating func append(continuation bits: UInt32) {
        append(0x80 | UInt8(truncatingIfNeeded: bits & 0x3F))
    }
}
