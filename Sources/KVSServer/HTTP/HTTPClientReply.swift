import CLibevent

/// A whole, well-formed reply of another server, which belongs to whoever holds this object. For use on
/// the loop's thread only.
final class HTTPClientReply {
    let head: ReplyHead
    /// In which `head` says where what stands.
    private let headBytes: [UInt8]
    /// evhttp's own account of the reply, which holds the body.
    private let message: UnsafeMutablePointer<evhttp_request>
    /// What the body takes of the budget.
    private var claim: BufferClaim

    /// - Parameter message: A request of evhttp's client that its callback has just been given. It
    ///   belongs to this object from now on.
    init(
        head: ReplyHead,
        headBytes: [UInt8],
        message: UnsafeMutablePointer<evhttp_request>,
        claim: consuming BufferClaim
    ) {
        self.head = head
        self.headBytes = headBytes
        self.message = message
        self.claim = claim
        evhttp_request_own(message)
    }

    deinit { evhttp_request_free(message) }

    /// The reason phrase; valid as long as this object.
    var reason: UnsafePointer<CChar> {
        evhttp_request_get_response_code_line(message) ?? StaticString("").cString
    }

    var body: EventBuffer {
        // Safe: a request has both buffers from its birth.
        EventBuffer(pointer: evhttp_request_get_input_buffer(message)!)
    }

    /// Writes the value of `Date`, `date` where there is none, and the lines of the fields that a gateway
    /// passes on.
    func writeFields(to lines: inout FieldLines, date: UnsafeRawBufferPointer) {
        headBytes.withUnsafeBytes { bytes in
            lines.write(head.date.isEmpty ? date : bytes.slice(head.date).trimmingWhitespace)
            FieldBlock(bytes: bytes.slice(head.fields)).writeEndToEndFields(
                to: &lines,
                hasConnection: head.hasConnection,
                except: "date"
            )
        }
    }

    /// Hands on what the body takes of the budget, together with the body.
    func takeClaim() -> BufferClaim { claim.take() }
}
