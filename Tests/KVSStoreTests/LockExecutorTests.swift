import Synchronization
import TestSupport
import Testing

@testable import KVSStore

@Suite("LockExecutor")
struct LockExecutorTests {
    /// An actor on the executor, with something to break.
    actor Counter {
        let executor = LockExecutor()
        private(set) var value = 0
        private(set) var log: [String] = []

        nonisolated var unownedExecutor: UnownedSerialExecutor {
            executor.asUnownedSerialExecutor()
        }

        nonisolated func withLock<R: Sendable>(_ body: (isolated Counter) throws -> R) rethrows -> R
        {
            try executor.withLock { try assumeIsolated(body) }
        }

        /// What must not be possible.
        nonisolated func enterWithoutLock() { assumeIsolated { _ in } }

        func increment() {
            preconditionIsolated()
            value += 1
        }

        /// Enqueues a job while this thread is inside.
        func addLater(_ depth: Int) {
            if depth > 0 {
                Task {
                    addLater(depth - 1)
                    log.append("job \(depth)")
                }
            }
            log.append("end \(depth)")
        }
    }

    @Test("Tasks and threads together count exactly")
    func tasksAndThreads() async {
        let counter = Counter()
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask { for _ in 0..<2000 { await counter.increment() } }
            }
            onThreads(4) { _ in
                for _ in 0..<5000 { counter.withLock { $0.increment() } }
            }
        }
        #expect(await counter.value == 8 * 2000 + 4 * 5000)
    }

    @Test("Tasks and threads together change one store, and no change is lost")
    func store() async {
        let store = KeyValueStore(maxBytes: .max)
        await withTaskGroup { group in
            for number in 0..<4 {
                group.addTask { for _ in 0..<500 { await store.append("key_\(number)") } }
            }
            onThreads(4) { number in
                for _ in 0..<500 { store.withExclusiveAccess { $0.append("key_\(number)") } }
                for own in 0..<500 {
                    let item = Item.make("own_\(number)_\(own)", "v")
                    _ = store.withExclusiveAccess { $0.put(item) }
                }
            }
        }
        for number in 0..<4 {
            #expect(await store.item(for: Key("key_\(number)"))?.rawValueCount == 1000)
        }
        #expect(await store.count == 4 + 4 * 500)
    }

    @Test(
        "A job enqueued from inside runs after the one that is running, before the lock is let go"
    )
    func nestedFromThread() async {
        let counter = Counter()
        let log = counter.withLock { counter in
            counter.addLater(3)
            return counter.log
        }
        #expect(log == ["end 3"])
        let complete = ["end 3", "end 2", "job 3", "end 1", "job 2", "end 0", "job 1"]
        #expect(counter.withLock { $0.log } == complete)
    }

    @Test("A job enqueued by a task from inside does not deadlock")
    func nestedFromTask() async {
        let counter = Counter()
        await counter.addLater(3)
        let complete = ["end 3", "end 2", "job 3", "end 1", "job 2", "end 0", "job 1"]
        #expect(await counter.log == complete)
    }

    @Test("withLock inside of withLock runs at once")
    func reentry() {
        let counter = Counter()
        let value = counter.withLock { outer in
            outer.increment()
            return counter.withLock { inner in
                inner.increment()
                return inner.value
            }
        }
        #expect(value == 2)
        #expect(!counter.executor.isHeldByCurrentThread)
    }

    @Test("Isolation is true inside and false outside, for threads and for tasks")
    func isolation() async {
        let counter = Counter()
        let executor = counter.executor
        #expect(executor.isIsolatingCurrentContext() == false)
        counter.withLock { _ in #expect(executor.isIsolatingCurrentContext() == true) }
        #expect(executor.isIsolatingCurrentContext() == false)
        let inTask = { @Sendable (_: isolated Counter) in executor.isIsolatingCurrentContext() }
        #expect(await inTask(counter) == true)
        #expect(executor.isIsolatingCurrentContext() == false)
    }

    @Test("Isolation is false for a thread while another one is inside")
    func isolationOfAnother() {
        let counter = Counter()
        counter.withLock { counter in
            let seen = Atomic<Int>(-1)
            let executor = counter.executor
            onThreads(1) { _ in
                let isIsolated = executor.isIsolatingCurrentContext()
                seen.store(isIsolated == true ? 1 : 0, ordering: .relaxed)
            }
            #expect(seen.load(ordering: .relaxed) == 0)
        }
    }

    @Test("assumeIsolated outside of the lock stops the program")
    func assumeIsolatedOutside() async {
        await #expect(processExitsWith: .failure) {
            Counter().enterWithoutLock()
        }
        await #expect(processExitsWith: .failure) { LockExecutor().checkIsolated() }
        await #expect(processExitsWith: .success) {
            let executor = LockExecutor()
            executor.withLock { executor.checkIsolated() }
        }
    }

    @Test("What is thrown inside comes out, and the lock is free again")
    func throwing() {
        struct Refused: Error {}
        let counter = Counter()
        #expect(throws: Refused.self) { try counter.withLock { _ in throw Refused() } }
        #expect(!counter.executor.isHeldByCurrentThread)
        onThreads(1) { _ in counter.withLock { $0.increment() } }
        #expect(counter.withLock { $0.value } == 1)
    }

    @Test("An actor may go away with the task that used it last")
    func lastOwner() async {
        await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<2000 { await Counter().increment() }
                }
            }
        }
    }

    @Test("A task that enters the store keeps its task-local values")
    func taskLocals() async {
        let store = KeyValueStore(maxBytes: .max)
        await Context.$name.withValue("outer") {
            #expect(await store.contextName == "outer")
            #expect(Context.name == "outer")
            #expect(store.withExclusiveAccess { $0.contextName } == "outer")
        }
    }
}

private enum Context {
    @TaskLocal static var name = "none"
}

extension KeyValueStore {
    fileprivate var contextName: String { Context.name }

    /// Reads, then writes: changes are lost unless the store is exclusive.
    fileprivate func append(_ key: String) {
        let value = item(for: Key(key))?.rawValue ?? []
        _ = put(Item.make(key, value + [UInt8(ascii: "x")]))
    }
}
