import Basics
import Glibc
import Testing

@testable import EventLoops

@Suite("Event loop")
struct EventLoopTests {
    @Test("A write to who has gone does not end the program, whatever that does with SIGPIPE")
    func brokenPipe() throws {
        LibeventMemory.install()
        let loop = try EventLoop(name: "test")
        try loop.start()
        let isBlocked = LockedValue(false)
        let isDone = Semaphore()
        loop.execute {
            var signals = sigset_t()
            pthread_sigmask(SIG_BLOCK, nil, &signals)
            let blocks = sigismember(&signals, SIGPIPE) == 1
            isBlocked.withLock { $0 = blocks }
            isDone.post()
        }
        isDone.wait()
        loop.stop()
        isDone.release()
        #expect(isBlocked.withLock { $0 })
    }

    @Test("A loop that has ended is let go of, whatever was still to be run on it")
    func pendingWork() throws {
        LibeventMemory.install()
        final class Witness: Sendable {}
        weak var weakLoop: EventLoop?
        weak var weakWitness: Witness?
        for isStartedLong in [false, true] {
            do {
                let loop = try EventLoop(name: "test")
                let witness = Witness()
                (weakLoop, weakWitness) = (loop, witness)
                try loop.start()
                if isStartedLong {
                    let isRunning = Semaphore()
                    loop.execute { isRunning.post() }
                    isRunning.wait()
                    isRunning.release()
                }
                loop.stop()
                loop.execute { [loop] in withExtendedLifetime((loop, witness)) {} }
            }
            #expect(weakLoop == nil)
            #expect(weakWitness == nil)
        }
    }

    @Test("A loop that lacks a descriptor, whichever, says so and goes")
    func noDescriptor() async {
        // In a process of its own, as the limit is everybody's.
        await #expect(processExitsWith: .success) {
            LibeventMemory.install()
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            var failures = 0
            for count in 0..<100 {
                limit.rlim_cur = rlim_t(count)
                setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
                if (try? EventLoop(name: "test")) == nil { failures += 1 }
            }
            #expect((4..<100).contains(failures))
        }
    }
}
