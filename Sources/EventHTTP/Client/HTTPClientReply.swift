import Basics
package import EventLoops
package import Wire

/// A whole, well-formed reply of another server, which belongs to whoever holds this object. For use on
/// the loop's thread only.
package final class HTTPClientReply {
    package let head: ReplyHead
    /// In which `head` says where what stands.
    // Safe: used on the loop's thread only, and changed in `init` only.
    @exclusivity(unchecked) private var headBytes: HeapBytes
    package let body: EventBuffer
    /// What the body takes of the budget.
    private var claim: BufferClaim

    /// - Parameter body: Belongs to this object from now on.
    init(
        head: ReplyHead,
        headBytes: consuming HeapBytes,
        body: EventBuffer,
        claim: consuming BufferClaim
    ) {
        self.head = head
        self.headBytes = headBytes
        self.body = body
        self.claim = claim
        // A C string: instead of its line break.
        self.headBytes[head.reason.upperBound] = 0
    }

    deinit { body.free() }

    /// The reason phrase; valid as long as this object.
    var reason: UnsafePointer<CChar> {
        // Safe: a head has a status line, whose end has become a NUL.
        headBytes.bytes.baseAddress!.assumingMemoryBound(to: CChar.self) + head.reason.lowerBound
    }

    /// Writes the value of `Date`, `date` where there is none, and the lines of the fields that a gateway
    /// passes on.
    func writeFields(to lines: inout FieldLines, date: UnsafeRawBufferPointer) {
        let bytes = headBytes.bytes
        lines.write(head.date.isEmpty ? date : bytes.slice(head.date).trimmingWhitespace)
        head.writeEndToEndFields(of: bytes, to: &lines)
    }

    /// Gives each field, the value without white space around it, to `body`, in order; the pointers are valid
    /// during the call.
    package func forEachField(
        _ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Void
    ) {
        FieldBlock(bytes: headBytes.bytes.slice(head.fields)).forEach(body)
    }

    /// Hands on what the body takes of the budget, together with the body.
    func takeClaim() -> BufferClaim { claim.take() }
}
