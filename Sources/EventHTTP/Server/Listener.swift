import Basics
import CLibevent
import EventLoops
import Glibc
import Logging

/// evhttp's listening socket on one loop. For use on the loop's thread.
final class Listener {
    /// How long to wait where no descriptor is left. Without a pause, epoll reports the waiting connection
    /// again and again.
    private static let exhaustionPause = Duration.milliseconds(100)

    private let http: OpaquePointer
    private let handle: OpaquePointer
    private let boundSocket: OpaquePointer
    private let logger: Logger
    private var retryTimer: LoopTimer?
    private(set) var isPaused = false
    private var isExhausted = false
    private var nextWarning = MonotonicTime(nanoseconds: .min)
    private var isClosed = false

    /// evhttp makes itself the listener's user data, which libevent hands to the error callback: the only
    /// way from there to ours.
    private static let listeners = LockedValue<[UInt: ListenerReference]>([:])

    private struct ListenerReference: @unchecked Sendable {
        // Safe: used on the loop's thread only; the table itself has a lock.
        unowned let listener: Listener
    }

    init(
        socket: BoundSocket,
        http: OpaquePointer,
        loop: EventLoop,
        logger: Logger
    ) throws(SystemError) {
        self.http = http
        self.logger = logger
        let flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC
        guard
            let handle = evconnlistener_new(
                loop.base,
                nil,
                nil,
                flags,
                0,  // It listens already.
                socket.descriptor
            )
        else {
            throw SystemError("evconnlistener_new")
        }
        guard let boundSocket = evhttp_bind_listener(http, handle) else {
            throw SystemError("evhttp_bind_listener")
        }
        // evhttp has done that, and does not say whether it worked.
        guard evconnlistener_enable(handle) == 0 else {
            throw SystemError("evconnlistener_enable")
        }
        self.handle = handle
        self.boundSocket = boundSocket
        retryTimer = LoopTimer(on: loop) { [unowned self] in
            isExhausted = false
            enableIfPossible()
        }
        let reference = ListenerReference(listener: self)
        let key = UInt(bitPattern: handle)
        Self.listeners.withLock { $0[key] = reference }
        evconnlistener_set_error_cb(handle) { handle, _ in
            let key = UInt(bitPattern: handle)
            Listener.listeners.withLock { $0[key] }?.listener.acceptHasFailed()
        }
    }

    /// Accepts nothing until ``resume()``: the kernel's backlog holds who comes meanwhile.
    func pause() {
        guard !isPaused else { return }
        isPaused = true
        evconnlistener_disable(handle)
    }

    func resume() {
        guard isPaused else { return }
        isPaused = false
        enableIfPossible()
    }

    private func enableIfPossible() {
        guard !isPaused, !isExhausted, !isClosed else { return }
        // epoll may have no memory for it, or the limit of watches is reached.
        guard evconnlistener_enable(handle) != 0 else { return }
        rest(because: SystemError("evconnlistener_enable"))
    }

    /// accept(2) failed with more than "try again": no descriptors (EMFILE, ENFILE) or no memory.
    private func acceptHasFailed() {
        rest(because: SystemError("accept"))
    }

    /// Accepts nothing for a while.
    func rest(because error: SystemError) {
        guard !isExhausted else { return }
        isExhausted = true
        let now = MonotonicTime.now
        if now >= nextWarning {
            // It goes on for as long as there are no descriptors: once is enough.
            nextWarning = now + .seconds(60)
            logger.warning("cannot accept connections for now", metadata: ["error": "\(error)"])
        }
        evconnlistener_disable(handle)
        retryTimer?.start(after: Self.exhaustionPause)
    }

    /// Closes the listening socket. Calling it again does nothing.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        retryTimer = nil
        let key = UInt(bitPattern: handle)
        Self.listeners.withLock { $0[key] = nil }
        evhttp_del_accept_socket(http, boundSocket)
    }
}
