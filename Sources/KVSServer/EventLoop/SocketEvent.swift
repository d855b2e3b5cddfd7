import CLibevent

/// What the kernel said about a socket.
struct Readiness: OptionSet {
    let rawValue: Int16

    /// Bytes, the end of the stream, or an error wait to be read.
    static let readable = Readiness(rawValue: Int16(EV_READ))
    /// The socket takes bytes again, or has failed.
    static let writable = Readiness(rawValue: Int16(EV_WRITE))
    /// The peer has ended its half of the connection: whoever reads must read until the end, because
    /// no further edge will come.
    static let peerFinished = Readiness(rawValue: Int16(EV_CLOSED))
}

/// Whoever owns a socket and wants to know when it is ready.
protocol SocketEventHandler: AnyObject {
    /// Runs on the loop's thread. May invalidate the event.
    func socketIsReady(_ readiness: Readiness)
}

/// Edge-triggered readiness of one socket: registered once, with one `epoll_ctl`, for its whole life.
///
/// Edge-triggered means: after a call of the handler nothing more is said until something new happens.
/// Who stops reading before the socket is empty must remember that himself.
final class SocketEvent {
    // Safe: the handler outlives the event, or invalidates it first.
    private unowned(unsafe) let handler: any SocketEventHandler
    private var event: UnsafeMutablePointer<CLibevent.event>?

    /// - Parameters:
    ///   - descriptor: A non-blocking socket, which must stay open until ``invalidate()``.
    ///   - handler: Must outlive the event, or invalidate it first.
    init(descriptor: Int32, on loop: EventLoop, handler: any SocketEventHandler) {
        self.handler = handler
        // Safe: the event is freed in invalidate() or deinit, whichever comes first.
        let context = Unmanaged.passUnretained(self).toOpaque()
        event = event_new(
            loop.base,
            descriptor,
            Int16(EV_READ | EV_WRITE | EV_CLOSED | EV_ET | EV_PERSIST),
            { _, what, context in
                // Safe: see above.
                let event = Unmanaged<SocketEvent>.fromOpaque(context!).takeUnretainedValue()
                // It may be let go of while it is called.
                withExtendedLifetime(event.handler) {
                    $0.socketIsReady(Readiness(rawValue: what))
                }
            },
            context
        )
    }

    /// Begins to watch. The first edge comes at once if the socket is ready already.
    ///
    /// - Throws: ``SystemError`` where there is no memory, or the kernel refuses the descriptor (over
    ///   `fs.epoll.max_user_watches`).
    func start() throws(SystemError) {
        guard let event else { throw SystemError("event_new") }
        guard event_add(event, nil) == 0 else { throw SystemError("epoll_ctl") }
    }

    /// Ends the watch; must come before the descriptor is closed. Calling it again does nothing.
    func invalidate() {
        guard let event else { return }
        self.event = nil
        event_free(event)
    }

    deinit { invalidate() }
}
