/// Writes header lines of one reply where they are printed from: neither evhttp nor the heap has to do with
/// them.
@usableFromInline
package struct ReplyLines {
    /// The room for all of them.
    @usableFromInline static let maximumBytes = 96

    @usableFromInline let start: UnsafeMutableRawPointer
    @usableFromInline var count = 0

    /// - Parameter start: Of ``maximumBytes`` bytes.
    init(at start: UnsafeMutableRawPointer) {
        self.start = start
    }

    /// Begins a line. Its value comes next.
    @inlinable @inline(__always)
    package mutating func begin(_ name: StaticString) {
        write("\r\n")
        write(name)
        write(": ")
    }

    @inlinable @inline(__always)
    package mutating func write(_ literal: StaticString) {
        write(UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    @inlinable @inline(__always)
    package mutating func write(characters: SIMD16<UInt8>) {
        withUnsafeBytes(of: characters) { write($0) }
    }

    /// - Parameter number: Not negative.
    package mutating func write(number: Int64) {
        if number > 9 { write(number: number / 10) }
        withUnsafeBytes(of: UInt8(ascii: "0") + UInt8(number % 10)) { write($0) }
    }

    @inlinable @inline(__always)
    mutating func write(_ bytes: UnsafeRawBufferPointer) {
        precondition(count + bytes.count <= Self.maximumBytes, "The lines are too long.")
        if let source = bytes.baseAddress {
            (start + count).copyMemory(from: source, byteCount: bytes.count)
        }
        count += bytes.count
    }
}
