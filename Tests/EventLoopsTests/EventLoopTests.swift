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
}
