package import Basics
import CLibevent
import Glibc
import Synchronization

/// One `event_base` and the thread that runs it.
///
/// libevent objects never leave their loop's thread, so libevent runs without locks. The only ways in
/// from another thread are ``execute(_:)`` and ``stop()``.
package final class EventLoop: @unchecked Sendable {
    // Safe: `base` and `wakeEvent` are used on the loop's thread only, after `start()`; `pending` has
    // its own lock; `thread` is written by `start()` and read after it by the same owner.

    /// The libevent handle; for use on the loop's thread, or before ``start()``.
    package let base: OpaquePointer
    /// Names the thread, in `top -H` and in debuggers; at most 15 bytes.
    let name: String

    private let wakeDescriptor: Int32
    private var wakeEvent: UnsafeMutablePointer<event>?
    /// nil once the thread has ended: what is left then holds the loop, and is never run.
    private let pending = LockedValue<[@Sendable () -> Void]?>([])
    private var thread: pthread_t?
    private let isStopping = Atomic(false)

    /// Callbacks that run before libevent looks for new events again. Work that re-activates itself
    /// inside a callback would keep sockets waiting otherwise: `event_active` runs in the same pass.
    private static let maximumCallbacksPerPass: Int32 = 64

    /// - Throws: ``SystemError`` where the kernel gives no epoll instance or eventfd.
    package init(name: String) throws(SystemError) {
        self.name = name
        try Self.checkDescriptors()
        guard let config = event_config_new() else { throw SystemError("event_config_new") }
        defer { event_config_free(config) }
        // NOLOCK: one thread for each base. IGNORE_ENV: variables such as EVENT_NOEPOLL must not
        // change how a server in production runs.
        let flags = EVENT_BASE_FLAG_NOLOCK.rawValue | EVENT_BASE_FLAG_IGNORE_ENV.rawValue
        event_config_set_flag(config, Int32(flags))
        event_config_set_max_dispatch_interval(config, nil, Self.maximumCallbacksPerPass, 0)
        guard let base = event_base_new_with_config(config) else {
            throw SystemError("event_base_new_with_config")
        }
        self.base = base
        wakeDescriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        // From here on deinit frees what there is, also where this throws.
        guard wakeDescriptor >= 0 else { throw SystemError("eventfd") }
        // Safe: the loop owns the event and frees it before it goes itself.
        let context = Unmanaged.passUnretained(self).toOpaque()
        wakeEvent = event_new(
            base,
            wakeDescriptor,
            Int16(EV_READ | EV_PERSIST),
            { _, _, context in
                // Safe: see above.
                Unmanaged<EventLoop>.fromOpaque(context!).takeUnretainedValue().runPending()
            },
            context
        )
        guard let wakeEvent, event_add(wakeEvent, nil) == 0 else { throw SystemError("event_add") }
    }

    /// libevent ends the program where it gets no pair of pipes for signals: so what a base takes, and the
    /// eventfd, must be there before.
    private static func checkDescriptors() throws(SystemError) {
        var descriptors: [Int32] = []
        defer { for descriptor in descriptors { close(descriptor) } }
        // An epoll instance, the pair, the eventfd.
        for _ in 0..<4 {
            let descriptor = eventfd(0, Int32(EFD_CLOEXEC))
            guard descriptor >= 0 else { throw SystemError("eventfd") }
            descriptors.append(descriptor)
        }
    }

    deinit {
        if let wakeEvent { event_free(wakeEvent) }
        close(wakeDescriptor)
        event_base_free(base)
    }

    /// Starts the loop's thread. Call it once; ``stop()`` ends and joins it.
    ///
    /// - Throws: ``SystemError`` where the system has no thread left.
    package func start() throws(SystemError) {
        precondition(thread == nil, "an event loop starts once")
        thread = try BackgroundThread.start { [self] in runOnThisThread() }
    }

    private func runOnThisThread() {
        nameThisThread()
        blockBrokenPipes()
        BlockCache.giveToThread()
        // NO_EXIT_ON_EMPTY: while a loop's only request waits for its reply, nothing is registered
        // but the wake-up event, and the loop must not end (bitcoin/bitcoin#14670).
        while !isStopping.load(ordering: .acquiring) {
            event_base_loop(base, EVLOOP_NO_EXIT_ON_EMPTY)
        }
    }

    /// A write to who has gone raises SIGPIPE in the thread that writes, and ends the program. Whoever embeds a
    /// loop may want that elsewhere: so it is kept off this thread only.
    private func blockBrokenPipes() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// By proc(5), because Swift's Glibc module has no pthread_setname_np(3). A thread without its name
    /// works as well.
    private func nameThisThread() {
        let descriptor = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        var name = name
        _ = name.withUTF8 { write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
    }

    /// Runs `work` on the loop's thread, soon and in order. Any thread may call it.
    ///
    /// Work that comes in after ``stop()`` is dropped, and so is what was in front of it and did not run.
    package func execute(_ work: @escaping @Sendable () -> Void) {
        let wasEmpty = pending.withLock { pending in
            pending?.append(work)
            return pending?.count == 1
        }
        if wasEmpty { wake() }
    }

    private func wake() {
        var one: UInt64 = 1
        // Fails only when the counter is full, and then the loop is about to wake up anyway.
        _ = write(wakeDescriptor, &one, 8)
    }

    private func runPending() {
        var count: UInt64 = 0
        _ = read(wakeDescriptor, &count, 8)
        // A snapshot: work that adds work waits for the next pass, so that sockets get their turn.
        let work = pending.withLock { pending in
            defer { if pending != nil { pending = [] } }
            return pending ?? []
        }
        for item in work { item() }
    }

    /// Ends the loop after the callback that is running, and waits for its thread.
    ///
    /// Any thread but the loop's own may call it; calling it again, or before ``start()``, does nothing.
    package func stop() {
        guard let thread else { return }
        self.thread = nil
        isStopping.store(true, ordering: .releasing)
        // Safe: `base` outlives the closure, which the loop's thread runs before it is joined.
        execute { [self] in event_base_loopbreak(base) }
        pthread_join(thread, nil)
        // Let go of outside of the lock.
        _ = pending.withLock { $0.take() }
    }
}
