import CLibevent
import EventLoops
import Glibc
import Wire

/// evhttp's account of one client's connection: the one place that holds its pointers.
///
/// Its bufferevent has no socket (descriptor -1). evhttp gets to see `HEAD / HTTP/1.1` and nothing else: what
/// the request is was read by the guard, and nobody reads it again, in another way perhaps. Each field would
/// cost evhttp three allocations and several comparisons by name besides. To a reply to HEAD it adds no
/// fields of the body's, but sends the body that it is given. What it prints into its output others send. No
/// handler runs while evhttp is on the stack. For use on the loop's thread.
final class EvhttpPeer: ReplyPeer {
    /// The room for what evhttp prints beside the fields of ``ReplyFields``, and what printing wants beyond.
    private static let ownFieldBytes = 640

    private let server: HTTPServer
    private let bufferevent: Bufferevent
    /// nil once evhttp has freed it, and with it the request.
    private var connection: OpaquePointer?
    private var request: UnsafeMutablePointer<evhttp_request>?

    /// - Parameters:
    ///   - bufferevent: evhttp's, made with BEV_OPT_CLOSE_ON_FREE: since it has no descriptor, the
    ///     option only keeps evhttp from closing the socket, which is ours.
    ///   - connection: The `evhttp_connection`.
    init(server: HTTPServer, bufferevent: Bufferevent, connection: OpaquePointer) {
        self.server = server
        self.bufferevent = bufferevent
        self.connection = connection
        // Safe: evhttp calls back only while it holds the connection, and whoever holds this object ends that
        // first.
        evhttp_connection_set_closecb(
            connection,
            { _, context in
                // Safe: see above.
                Unmanaged<EvhttpPeer>.fromOpaque(context!).takeUnretainedValue().hasClosed()
            },
            Unmanaged.passUnretained(self).toOpaque()
        )
    }

    var hasGone: Bool { connection == nil }

    var holdsRequest: Bool { request != nil }

    var output: EventBuffer { EventBuffer(pointer: bufferevent_get_output(bufferevent)) }

    var replyBody: EventBuffer { EventBuffer(pointer: evhttp_request_get_output_buffer(request)) }

    /// As evhttp noted it when it accepted the connection.
    var address: UnsafeRawBufferPointer {
        var host: UnsafeMutablePointer<CChar>?
        var port: UInt16 = 0
        if let connection { evhttp_connection_get_peer(connection, &host, &port) }
        return UnsafeRawBufferPointer(start: host, count: host.map { strlen($0) } ?? 0)
    }

    // MARK: - The request

    func takeRequest() -> Bool {
        let line: StaticString = "HEAD / HTTP/1.1\r\n\r\n"
        guard EventBuffer(pointer: bufferevent_get_input(bufferevent)).append(line) else {
            return false
        }
        let bufferevent = bufferevent
        request = server.requestArriving {
            bufferevent_trigger(bufferevent, Int16(EV_READ), 0)
        }
        return request != nil
    }

    // MARK: - The reply

    func reserveHead() -> Bool { output.reserve(Self.ownFieldBytes) }

    func prepare(
        _ type: ContentType,
        _ persistence: Persistence,
        id: UnsafeRawBufferPointer,
        length: Int?,
        fields: [(StaticString, String)],
        lines: (inout ReplyLines) -> Void
    ) -> Bool {
        server.replyFields.prepare(type, persistence, id: id, length: length, lines: lines)
        let list = fieldList
        return fields.allSatisfy { list.add($0.0, $0.1) }
    }

    func prepare(
        relaying reply: HTTPClientReply,
        _ persistence: Persistence,
        id: UnsafeRawBufferPointer,
        length: Int?
    ) -> Bool {
        server.replyFields.prepare(relaying: reply, persistence, id: id, length: length)
    }

    private var fieldList: HeaderList {
        HeaderList(pointer: evhttp_request_get_output_headers(request))
    }

    func reply(
        _ code: Int,
        _ reason: UnsafePointer<CChar>,
        version11: Bool,
        isLast: Bool,
        idleSeconds: Int?
    ) -> Bool {
        guard let request = request.take() else { return false }
        let list = HeaderList(pointer: evhttp_request_get_output_headers(request))
        // evhttp prints line by line, and passes over those that it has no memory for.
        guard output.reserve(Self.ownFieldBytes + server.replyFields.preparedBytes) else {
            return false
        }
        // RFC 2068 §19.7.1.1.
        if let idleSeconds, !list.add("Keep-Alive", "timeout=\(idleSeconds)") { return false }
        // evhttp prints the version, and closes behind a reply of HTTP/1.0.
        if !version11 { request.pointee.minor = 0 }
        server.replyFields.lend(to: list) {
            evhttp_send_reply(request, Int32(code), reason, nil)
        }
        request.pointee.minor = isLast ? 0 : 1
        // evhttp copies the reason.
        return evhttp_request_get_response_code_line(request) != nil
    }

    func replyHasLeft() { bufferevent_trigger(bufferevent, Int16(EV_WRITE), 0) }

    func clear() {
        // The bufferevent has gone with the connection.
        guard !hasGone else { return }
        EventBuffer(pointer: bufferevent_get_input(bufferevent)).removeAll()
        output.removeAll()
        request = nil
    }

    func dateText() -> String { String(cString: server.replyFields.dateText()) }

    // MARK: - The end

    /// evhttp shuts the socket down for writing (shutdown(2)); ``hasClosed()`` runs before this returns.
    func end() {
        if let connection { evhttp_connection_free(connection) }
    }

    /// Comes from evhttp, before it frees its connection and the requests of that.
    private func hasClosed() {
        connection = nil
        request = nil
    }
}
