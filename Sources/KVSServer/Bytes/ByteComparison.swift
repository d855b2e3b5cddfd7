import Glibc

/// Comparisons of raw bytes with literals; none allocates.
extension UnsafeRawBufferPointer {
    /// Whether the bytes are exactly `literal`.
    func equals(_ literal: StaticString) -> Bool {
        guard count == literal.utf8CodeUnitCount else { return false }
        guard let start = baseAddress else { return true }
        return memcmp(start, literal.utf8Start, count) == 0
    }

    /// Whether the bytes are `literal`, which is in lower case, with ASCII letters in any case.
    func equalsIgnoringCase(_ literal: StaticString) -> Bool {
        guard count == literal.utf8CodeUnitCount else { return false }
        let expected = literal.utf8Start
        for index in 0..<count where self[index].asciiLowercased != expected[index] { return false }
        return true
    }

    /// A part of the bytes, as a buffer of its own that starts at 0.
    func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[range])
    }

    /// Without the spaces and tabs at both ends (OWS, RFC 9110 §5.6.3).
    var trimmingWhitespace: UnsafeRawBufferPointer {
        var range = 0..<count
        while let first = range.first, self[first].isHTTPWhitespace {
            range = (first + 1)..<range.upperBound
        }
        while let last = range.last, self[last].isHTTPWhitespace {
            range = range.lowerBound..<last
        }
        return slice(range)
    }

    /// Whether a comma-separated list (RFC 9110 §5.6.1) has the member `token`, in any case.
    func listContains(_ token: StaticString) -> Bool {
        listContains { $0.equalsIgnoringCase(token) }
    }

    /// Whether a comma-separated list has the member `token`, in any case.
    func listContains(bytes token: UnsafeRawBufferPointer) -> Bool {
        listContains { member in
            member.count == token.count
                && zip(member, token).allSatisfy { $0.asciiLowercased == $1.asciiLowercased }
        }
    }

    private func listContains(where isWanted: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        var start = 0
        while start <= count {
            let end = self[start...].firstIndex(of: UInt8(ascii: ",")) ?? count
            if isWanted(slice(start..<end).trimmingWhitespace) { return true }
            start = end + 1
        }
        return false
    }
}
