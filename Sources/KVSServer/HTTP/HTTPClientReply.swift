import CLibevent

/// A whole reply, as evhttp's client has parsed it. Valid only during the call that brings it.
struct HTTPClientReply {
    let request: UnsafeMutablePointer<evhttp_request>

    var statusCode: Int { Int(evhttp_request_get_response_code(request)) }

    /// The reason phrase; valid as long as the reply.
    var reason: UnsafePointer<CChar> {
        evhttp_request_get_response_code_line(request) ?? StaticString("").cString
    }

    /// What Content-Length says, in bytes; 0 where it says nothing.
    var announcedLength: Int {
        fields.first("Content-Length").flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
    }

    var fields: HeaderList {
        // Safe: a request has both lists from its birth.
        HeaderList(pointer: evhttp_request_get_input_headers(request)!)
    }

    var body: EventBuffer {
        // Safe: a request has both buffers from its birth.
        EventBuffer(pointer: evhttp_request_get_input_buffer(request)!)
    }

    /// Whether the reply is certainly whole and certainly belongs to the request.
    ///
    /// evhttp takes interim replies (103) for final ones, and a reply without a length for one that ends
    /// with the connection, where a cut one looks whole; one of an unknown transfer coding is such a reply
    /// to it, too. Two lengths, or a length beside chunks, mean
    /// that somebody on the way sees other borders between replies than we do.
    var isSound: Bool {
        guard statusCode >= 200 else { return false }
        let lengths = fields.count(of: "Content-Length")
        let codings = fields.count(of: "Transfer-Encoding")
        return lengths + codings == 1 && (codings == 0 || request.pointee.chunked != 0)
    }

    /// Whether the peer keeps the connection open (RFC 9112 §9.3).
    var keepsConnection: Bool {
        guard request.pointee.major == 1, request.pointee.minor >= 1 else { return false }
        guard let connection = fields.first("Connection") else { return true }
        return !connection.listContains("close")
    }
}
