import CLibevent
import Wire

extension HTTPMethod {
    /// evhttp's name of the method.
    ///
    /// - Precondition: Not `other`: evhttp cannot send what it has no name for.
    var command: evhttp_cmd_type {
        switch self {
        case .get: EVHTTP_REQ_GET
        case .head: EVHTTP_REQ_HEAD
        case .put: EVHTTP_REQ_PUT
        case .delete: EVHTTP_REQ_DELETE
        case .post: EVHTTP_REQ_POST
        case .options: EVHTTP_REQ_OPTIONS
        case .trace: EVHTTP_REQ_TRACE
        case .patch: EVHTTP_REQ_PATCH
        case .connect: EVHTTP_REQ_CONNECT
        case .other: preconditionFailure("evhttp sends known methods only")
        }
    }
}
