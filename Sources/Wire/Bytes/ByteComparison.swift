import Glibc

/// Comparisons of raw bytes with literals; none allocates.
extension UnsafeRawBufferPointer {
    /// No bytes at all.
    @inlinable package static var none: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: nil, count: 0)
    }

    /// Whether the bytes are exactly `literal`.
    package func equals(_ literal: StaticString) -> Bool {
        guard count == literal.utf8CodeUnitCount else { return false }
        guard let start = baseAddress else { return true }
        return memcmp(start, literal.utf8Start, count) == 0
    }

    /// Whether the bytes are `literal`, which is in lower case, with ASCII letters in any case.
    @inline(__always)
    package func equalsIgnoringCase(_ literal: StaticString) -> Bool {
        // Most that are of one length differ in their first letters.
        count == literal.utf8CodeUnitCount
            && (isEmpty || self[0].asciiLowercased == literal.utf8Start[0])
            && hasLetters(of: literal)
    }

    /// The same for a literal of as many bytes.
    private func hasLetters(of literal: StaticString) -> Bool {
        let expected = UnsafeRawBufferPointer(start: literal.utf8Start, count: count)
        var index = 0
        while index &+ 8 <= count {
            let word = ByteScan.lowercased(ByteScan.load(self, at: index))
            guard word == ByteScan.load(expected, at: index) else { return false }
            index &+= 8
        }
        while index < count {
            guard self[index].asciiLowercased == expected[index] else { return false }
            index &+= 1
        }
        return true
    }

    /// A part of the bytes, as a buffer of its own that starts at 0.
    @inlinable
    package func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[range])
    }

    /// The first place of a byte.
    package func firstIndex(of byte: UInt8) -> Int? {
        guard let start = baseAddress, let found = memchr(start, Int32(byte), count) else {
            return nil
        }
        return UnsafeRawPointer(found) - start
    }

    /// Without the spaces and tabs at both ends (OWS, RFC 9110 §5.6.3).
    package var trimmingWhitespace: UnsafeRawBufferPointer {
        var start = 0
        var end = count
        while start < end, self[start].isHTTPWhitespace { start &+= 1 }
        while end > start, self[end &- 1].isHTTPWhitespace { end &-= 1 }
        return slice(start..<end)
    }

    /// Whether a comma-separated list (RFC 9110 §5.6.1) has the member `token`, in any case.
    func listContains(_ token: StaticString) -> Bool {
        ListMembers(self).contains { $0.equalsIgnoringCase(token) }
    }
}
