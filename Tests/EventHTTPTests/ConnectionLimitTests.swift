import Testing

@testable import Basics
@testable import EventHTTP

@Suite("ConnectionLimit")
struct ConnectionLimitTests {
    /// A loop that wants one place: it waits until it hears of one, and tries.
    private final class Waiter: Sendable {
        let limit: ConnectionLimit
        let state = LockedValue((calls: 0, hasPlace: false))

        init(_ limit: ConnectionLimit) {
            self.limit = limit
            wait()
        }

        private func wait() {
            limit.whenPlaceIsFree { [self] in
                let calls = state.withLock { state in
                    state.calls += 1
                    return state.calls
                }
                if limit.enter() {
                    state.withLock { $0.hasPlace = true }
                } else if calls < 100 {
                    wait()
                }
            }
        }

        var calls: Int { state.withLock { $0.calls } }
        var hasPlace: Bool { state.withLock { $0.hasPlace } }
    }

    @Test("There are as many places as the limit; one that is left is free again")
    func places() {
        let limit = ConnectionLimit(3)
        #expect((0..<5).map { _ in limit.enter() } == [true, true, true, false, false])
        limit.leave()
        #expect(limit.enter())
        #expect(!limit.enter())
    }

    @Test("The limit is reached when no place is left")
    func reached() {
        let limit = ConnectionLimit(2)
        _ = limit.enter()
        #expect(!limit.isReached)
        _ = limit.enter()
        #expect(limit.isReached)
        limit.leave()
        #expect(!limit.isReached)
    }

    @Test("Who waits is told once: at once where there is a place, or when one is left")
    func told() {
        let limit = ConnectionLimit(1)
        let calls = LockedValue(0)
        limit.whenPlaceIsFree { calls.withLock { $0 += 1 } }
        #expect(calls.withLock { $0 } == 1)
        _ = limit.enter()
        limit.whenPlaceIsFree { calls.withLock { $0 += 1 } }
        limit.whenPlaceIsFree { calls.withLock { $0 += 10 } }
        #expect(calls.withLock { $0 } == 1)
        limit.leave()
        #expect(calls.withLock { $0 } == 12)
        _ = limit.enter()
        limit.leave()
        #expect(calls.withLock { $0 } == 12)
    }

    @Test("Those that wait do not wake each other, and each place that is left goes to one of them")
    func waitersRest() {
        let limit = ConnectionLimit(2)
        #expect(limit.enter() && limit.enter())
        let waiters = (0..<3).map { _ in Waiter(limit) }
        #expect(!limit.enter())
        #expect(waiters.map(\.calls) == [0, 0, 0], "nobody has left")
        limit.leave()
        #expect(waiters.count { $0.hasPlace } == 1)
        #expect(waiters.map(\.calls) == [1, 1, 1])
        limit.leave()
        #expect(waiters.count { $0.hasPlace } == 2)
        #expect(waiters.map(\.calls).reduce(0, +) == 5)
        limit.leave()
        #expect(waiters.map(\.calls).reduce(0, +) == 6)
        #expect(waiters.count { $0.hasPlace } == 3, "nobody waits any more")
    }

    @Test("However many threads come and go, all places are free in the end")
    func threads() async {
        let limit = ConnectionLimit(3)
        let inside = LockedValue((now: 0, most: 0))
        await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<2000 where limit.enter() {
                        inside.withLock {
                            $0.now += 1
                            $0.most = max($0.most, $0.now)
                        }
                        inside.withLock { $0.now -= 1 }
                        limit.leave()
                    }
                }
            }
        }
        #expect((1...3).contains(inside.withLock { $0.most }))
        #expect((0..<4).map { _ in limit.enter() } == [true, true, true, false])
    }
}
