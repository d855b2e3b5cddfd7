/// Where a head has lines that a gateway does not pass on: the guard has seen each line, and nobody looks
/// again for what may be copied.
@usableFromInline
package struct OmittedLines: Equatable, Sendable {
    /// So many runs of such lines are noted. Browsers' heads have two or three.
    private static let maximumRuns = 4

    /// Where each run begins, and where it ends. A head is shorter than 64 KiB.
    private var starts = SIMD4<UInt16>()
    private var ends = SIMD4<UInt16>()
    private var runCount: UInt8 = 0
    /// Whether all of them are noted: neither have there been too many, nor does a `Connection` field name
    /// others.
    private(set) var isWhole = true

    /// Notes a line that stands behind all that have been noted.
    mutating func note(_ line: Range<Int>) {
        let end = UInt16(line.upperBound)
        if count > 0, self[count - 1].upperBound == line.lowerBound {
            ends[count - 1] = end
        } else if count < Self.maximumRuns {
            starts[count] = UInt16(line.lowerBound)
            ends[count] = end
            runCount += 1
        } else {
            isWhole = false
        }
    }

    /// Notes what a `Connection` field says (RFC 9110 §7.6.1).
    mutating func note(connectionOption name: UnsafeRawBufferPointer) {
        if !HopByHop.contains(name) { isWhole = false }
    }

    var count: Int { Int(runCount) }

    subscript(index: Int) -> Range<Int> { Int(starts[index])..<Int(ends[index]) }
}
