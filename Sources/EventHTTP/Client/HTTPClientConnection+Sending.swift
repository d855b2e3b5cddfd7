import Basics
import CLibevent
import EventLoops
import Wire

/// From a request to evhttp, which prints its head.
extension HTTPClientConnection {
    /// Sends a request; connects first where that has not been done. The owner hears of the end exactly
    /// once, unless it closes the connection before.
    ///
    /// - Parameters:
    ///   - fieldBytes: How long the fields are at most, as they are sent.
    ///   - addFields: Adds the header fields, `Host` among them; false where there is no memory for them.
    package func send(_ request: Request, fieldBytes: Int, addFields: (HeaderList) -> Bool) {
        let action = state.handle(.assign)
        hasSentBytes = false
        reader = ReplyReader(
            isReplyToHead: request.method == .head,
            maximumBytes: maximumReplyBytes
        )
        guard !LibeventMemory.isShort else {
            fail(.overloaded)
            return
        }
        // Safe: evhttp calls back at most once, before destroy() returns.
        let context = Unmanaged.passUnretained(self).toOpaque()
        let message = evhttp_request_new(
            { message, context in
                // Safe: see above.
                Unmanaged<HTTPClientConnection>.fromOpaque(context!).takeUnretainedValue()
                    .evhttpHasFinished(message)
            },
            context
        )
        guard let message else {
            fail(.local)
            return
        }
        guard prepare(message, request, fieldBytes: fieldBytes, addFields: addFields) else {
            evhttp_request_free(message)
            fail(.local)
            return
        }
        // Where it fails at once (no descriptor, no address, no route), evhttp calls back from in here.
        // (Handed over as it is, a String is copied to an array first, in two allocations.)
        let status = request.target.withCString {
            evhttp_make_request(evhttpConnection, message, request.method.command, $0)
        }
        guard status == 0 else {
            fail(.local)
            return
        }
        if action == .connect { takeSocket() } else { flush() }
    }

    /// What evhttp prints beside the fields: method, target, version and `Content-Length`; and what printing
    /// wants beyond.
    private static let ownHeadBytes = 256

    /// evhttp prints line by line, and passes over those that it has no memory for: so there must be room
    /// for all of them, and for the length of a body, without which that would be taken for a request.
    private func prepare(
        _ message: UnsafeMutablePointer<evhttp_request>,
        _ request: Request,
        fieldBytes: Int,
        addFields: (HeaderList) -> Bool
    ) -> Bool {
        let list = HeaderList(pointer: evhttp_request_get_output_headers(message))
        let output = EventBuffer(pointer: bufferevent_get_output(bufferevent))
        guard addFields(list),
            output.reserve(Self.ownHeadBytes + request.target.utf8.count + fieldBytes)
        else { return false }
        guard request.method == .put || request.method == .post else { return true }
        guard list.add("Content-Length", String(request.body?.count ?? 0)) else { return false }
        guard let body = request.body, !body.isEmpty else { return true }
        let copy = evhttp_request_get_output_buffer(message)
        return evbuffer_add_buffer_reference(copy, body.pointer) == 0
    }
}
