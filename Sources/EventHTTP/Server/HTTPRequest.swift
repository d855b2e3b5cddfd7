package import Basics
import CLibevent
package import EventLoops
package import Wire

/// A request that waits for its reply. Replying consumes it, so that there is exactly one reply.
///
/// It belongs to its loop's thread. The reply may come at once or later; until then nothing more is read
/// from the connection. A request that is dropped without a reply is answered 500, and logged.
package struct HTTPRequest: ~Copyable {
    private let connection: ConnectionDriver<HTTPConnection>
    /// Tells this request from later ones of the connection, once this one has gone.
    private let number: UInt64

    init(on connection: ConnectionDriver<HTTPConnection>, number: UInt64) {
        self.connection = connection
        self.number = number
    }

    deinit {
        connection.requestWasDropped(number)
    }

    package var method: HTTPMethod { connection.head.method }

    /// The path and query as they stood in the request line; not decoded, and empty where the target was
    /// an address without a path. Valid as long as the request, and until the connection is lost.
    package var target: UnsafeRawBufferPointer { connection.intake.reader.target }

    /// What an observer knows it by, for the handler to say; 0 at first.
    package var label: UInt8 {
        get { connection.label }
        nonmutating set { connection.label = newValue }
    }

    /// What `X-Request-Id` says: the client's id, or one that was made here. Valid until another request's
    /// is asked for.
    package var id: UnsafeRawBufferPointer { connection.requestID }

    /// The value of the first header field of that name, valid like ``target``; nil where there is none.
    package func field(_ name: FieldName) -> UnsafeRawBufferPointer? {
        connection.intake.reader.field(name)
    }

    /// Whether it has `If-Match` or `If-None-Match` fields (RFC 9110 §13.1).
    package var isConditional: Bool { connection.head.known.areConditional }

    /// Gives the values of all header fields of that name to `body`, in order.
    package func forEachField(_ name: FieldName, _ body: (UnsafeRawBufferPointer) -> Void) {
        connection.intake.reader.forEachField(name, body)
    }

    /// Whether the client has gone, and with it what the request was.
    package var isLost: Bool { connection.hasLost(number) }

    /// How much of the time that the whole request may take is left.
    package var remainingTime: TimeSpan { connection.remainingTime }

    /// What the budget counts for the client.
    package var heldBytes: Int { connection.claim.bytes }

    /// The client's address, numeric; valid as long as the client is there.
    package var peerHost: UnsafeRawBufferPointer { connection.peerHost }

    /// The body, of a method whose body means something; nil where none has come, or the client has gone.
    /// Valid as long as the request.
    package var body: EventBuffer? { connection.intake.body }

    /// Writes the fields that a gateway passes on to `lines`.
    package func writeEndToEndFields(to lines: inout FieldLines) {
        connection.intake.reader.writeEndToEndFields(to: &lines)
    }

    /// Gives the body, as one run of bytes, to `use`.
    ///
    /// - Returns: nil, and `use` is not called, where there is no memory for that.
    package func withBody<Result, Failure: Error>(
        _ use: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        guard let body = connection.intake.body else {
            return try use(.none)
        }
        return try body.withContiguousBytes(use)
    }

    /// Answers the request. Nothing happens where the client has gone.
    ///
    /// - Parameters:
    ///   - fields: Header fields beside those that all replies have, see ``ReplyFields``.
    ///   - lines: Writes a few short ones, of those that many replies have.
    ///   - headLength: How long the body would be, for a reply to HEAD, so that none need be made.
    ///   - body: Appends the body; false where there is no memory for it. It is counted but not sent where
    ///     the method is HEAD.
    package consuming func reply(
        _ status: HTTPStatus,
        _ contentType: ContentType = .json,
        fields: [(StaticString, String)] = [],
        lines: (inout ReplyLines) -> Void = { _ in },
        headLength: Int? = nil,
        body: (EventBuffer) -> Bool
    ) {
        connection.reply(
            to: number,
            status,
            contentType,
            fields: fields,
            lines: lines,
            headLength: headLength,
            body: body
        )
    }

    /// Answers with another server's reply: status, end-to-end fields and body, nothing copied.
    package consuming func reply(relaying reply: HTTPClientReply) {
        connection.reply(to: number, relaying: reply)
    }
}

/// Whoever answers requests: the store's handler in the main, the relay in a forwarder.
package protocol HTTPHandler: AnyObject {
    /// Runs on the loop's thread, once for each request.
    func handle(_ request: consuming HTTPRequest)

    /// Ends what is still under way; the loop stops. Runs on its thread.
    func close()
}
