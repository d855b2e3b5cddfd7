import Glibc
import Synchronization

/// A serial executor whose mutual exclusion is a lock.
///
/// A thread that has work for the actor takes the lock and does the work itself, synchronously. No
/// queue, no hop to another thread: what the actor does takes well under a microsecond, a hop takes
/// ten. Tasks that `await` the actor run their jobs under the same lock.
///
/// Right only for an actor whose every job is short, and does neither I/O nor waits: whoever else
/// wants the actor is blocked meanwhile, threads of the cooperative pool included.
// Safe: `mutex` and `owner` are made to be shared, and `pending` is only touched by the thread that
// holds the mutex.
final class LockExecutor: SerialExecutor, @unchecked Sendable {
    /// On the heap, because a mutex must not move. Adaptive: a thread that finds it taken spins
    /// a little before it sleeps, and the holder is mostly done by then. A pthread mutex and not
    /// `Synchronization.Mutex`, because ThreadSanitizer knows what it means.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>

    /// The thread that holds the mutex, 0 for none. A thread compares it with itself only, and is
    /// the only one that writes its own identity here: relaxed order is enough for that.
    private let owner = Atomic<UInt>(0)

    /// Jobs that came from the very thread that held the lock, for when it lets go.
    private var pending: [UnownedJob] = []

    init() {
        mutex = .allocate(capacity: 1)
        var attributes = pthread_mutexattr_t()
        var failure = pthread_mutexattr_init(&attributes)
        precondition(failure == 0, "pthread_mutexattr_init: error \(failure)")
        failure = pthread_mutexattr_settype(&attributes, Int32(PTHREAD_MUTEX_ADAPTIVE_NP))
        precondition(failure == 0, "pthread_mutexattr_settype: error \(failure)")
        failure = pthread_mutex_init(mutex, &attributes)
        precondition(failure == 0, "pthread_mutex_init: error \(failure)")
        pthread_mutexattr_destroy(&attributes)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Whether the current thread is the one that holds the lock.
    var isHeldByCurrentThread: Bool { owner.load(ordering: .relaxed) == pthread_self() }

    /// Runs `body` while the current thread holds the lock, and afterwards the jobs that `body` has
    /// enqueued.
    ///
    /// Where the thread holds the lock already, it is simply run: the caller is inside.
    func withLock<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
        if isHeldByCurrentThread { return try body() }
        lock()
        defer { unlock() }
        return try body()
    }

    /// Runs `job` under the lock, on the current thread, before returning.
    ///
    /// A thread that holds the lock already is in the middle of another job: then `job` waits until
    /// that one is done, as on any serial executor.
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isHeldByCurrentThread {
            pending.append(job)
            return
        }
        // Safe: balanced below. The caller does not keep the executor alive: the actor does, and
        // its last owner may be the task whose job runs here, which goes on elsewhere meanwhile.
        let this = Unmanaged.passRetained(self)
        lock()
        job.runSynchronously(on: asUnownedSerialExecutor())
        unlock()
        this.release()
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    /// Stops the program unless the current thread holds the lock.
    func checkIsolated() {
        precondition(isHeldByCurrentThread, "This thread does not hold the actor's lock.")
    }

    /// Whether the current thread holds the lock: what `assumeIsolated` asks.
    func isIsolatingCurrentContext() -> Bool? { isHeldByCurrentThread }

    private func lock() {
        let failure = pthread_mutex_lock(mutex)
        precondition(failure == 0, "pthread_mutex_lock: error \(failure)")
        owner.store(pthread_self(), ordering: .relaxed)
    }

    private func unlock() {
        if !pending.isEmpty { runPendingJobs() }
        owner.store(0, ordering: .relaxed)
        let failure = pthread_mutex_unlock(mutex)
        precondition(failure == 0, "pthread_mutex_unlock: error \(failure)")
    }

    /// Each job may add more.
    private func runPendingJobs() {
        while !pending.isEmpty {
            let jobs = pending
            pending.removeAll()
            for job in jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }
        }
    }
}
