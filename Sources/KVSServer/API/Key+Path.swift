import KVSStore
import Wire

extension Key {
    /// Reads a key from a segment of a path, in which percent-escapes stand for what they say.
    init(pathSegment segment: UnsafeRawBufferPointer) throws(APIError) {
        do throws(Invalid) {
            guard PercentEncoding.isEncoded(segment) else {
                try self.init(segment)
                return
            }
        } catch {
            throw APIError(error)
        }
        var decoded = InlineArray<250, UInt8>(repeating: 0)
        var span = decoded.mutableSpan
        self = try span.withUnsafeMutableBytes { buffer throws(APIError) in
            let count: Int
            do throws(PercentEncoding.Malformed) {
                count = try PercentEncoding.decode(segment, into: buffer)
            } catch {
                throw .malformedEscapeInKey
            }
            guard count <= Key.maxBytes else { throw .keyTooLong(byteCount: count) }
            do throws(Invalid) {
                return try Key(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            } catch {
                throw APIError(error)
            }
        }
    }
}

extension APIError {
    /// The rule of keys that was broken, as the client reads it.
    init(_ invalid: Key.Invalid) {
        self =
            switch invalid {
            case .empty: .keyEmpty
            case .tooLong(let count): .keyTooLong(byteCount: count)
            case .illegalByte(let byte, at: _): .keyHasIllegalCharacter(byte)
            }
    }
}
