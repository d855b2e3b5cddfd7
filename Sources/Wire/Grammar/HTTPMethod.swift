/// A request method (RFC 9110 §9). Names are case-sensitive.
@usableFromInline
package enum HTTPMethod: UInt8, Sendable {
    case get, head, put, delete, post, options, trace, patch, connect
    /// A token that is none of the above.
    case other

    /// Whether the body of such a request means something (RFC 9110 §9.3); others are read and dropped.
    @inlinable package var hasContent: Bool {
        switch self {
        case .put, .post, .patch: true
        case .get, .head, .delete, .options, .trace, .connect, .other: false
        }
    }

    /// The method by its name.
    init(token: UnsafeRawBufferPointer) {
        self =
            switch token.count {
            case 3: token.equals("GET") ? .get : token.equals("PUT") ? .put : .other
            case 4: token.equals("HEAD") ? .head : token.equals("POST") ? .post : .other
            case 5: token.equals("PATCH") ? .patch : token.equals("TRACE") ? .trace : .other
            case 6: token.equals("DELETE") ? .delete : .other
            case 7:
                token.equals("OPTIONS") ? .options : token.equals("CONNECT") ? .connect : .other
            default: .other
            }
    }
}
