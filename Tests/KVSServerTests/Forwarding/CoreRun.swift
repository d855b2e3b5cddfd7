@testable import Basics
@testable import KVSServer

/// A forwarding core by itself: events go in, at times that the test says, and what it wants done
/// comes out.
final class CoreRun {
    private(set) var core: ForwardingCore
    private(set) var now = MonotonicTime(nanoseconds: 0)

    init(
        connections: Int = 2,
        waiting: Int = 4,
        addresses: Int = 1,
        connectTime: TimeSpan = .milliseconds(500),
        idleTime: TimeSpan = .seconds(30)
    ) {
        let limits = ForwardingCore.Limits(
            connections: connections,
            waiting: waiting,
            connectTime: connectTime,
            idleTime: idleTime
        )
        core = ForwardingCore(limits: limits, addresses: addresses)
        advance(to: 1000)
    }

    /// Goes to a point in time, in milliseconds; nothing is told to the core.
    func advance(to milliseconds: Int64) {
        now = MonotonicTime(nanoseconds: milliseconds * 1_000_000)
    }

    /// Handles one event, and does what has become possible by it.
    func handle(_ event: ForwardingEvent) -> [ForwardingAction] {
        core.handle(event, at: now)
        while core.hasWork, core.work(at: now) {}
        return takeActions()
    }

    /// Handles one event, and leaves what has become possible for later.
    func note(_ event: ForwardingEvent) { core.handle(event, at: now) }

    func takeActions() -> [ForwardingAction] {
        defer { core.actions = [] }
        return core.actions
    }

    /// One turn of work.
    ///
    /// - Returns: What is done in it, and whether there is more to do.
    func work() -> (actions: [ForwardingAction], hasMore: Bool) {
        let hasMore = core.work(at: now)
        return (takeActions(), hasMore)
    }

    /// A request that may take `time`; a GET where nothing else is said.
    func submit(
        _ id: ExchangeID,
        isWrite: Bool = false,
        time: TimeSpan = .seconds(5)
    ) -> [ForwardingAction] {
        handle(.submit(id, isProbe: false, isWrite: isWrite, start: now, deadline: now + time))
    }

    func submitProbe(_ id: ExchangeID, time: TimeSpan = .seconds(1)) -> [ForwardingAction] {
        handle(.submit(id, isProbe: true, isWrite: false, start: now, deadline: now + time))
    }

    func replied(_ id: ConnectionID, keepsFor: TimeSpan? = nil) -> [ForwardingAction] {
        handle(.replied(id, isReusable: true, keepsFor: keepsFor))
    }

    /// A connection that has brought a reply and is idle, the first of all.
    func makeIdle(keepsFor: TimeSpan? = nil) -> ConnectionID {
        _ = submit(0)
        _ = handle(.connected(.first))
        core.bytesHaveLeft(.first)
        _ = replied(.first, keepsFor: keepsFor)
        return .first
    }

    func bytesHaveLeft(_ id: ConnectionID) { core.bytesHaveLeft(id) }

    /// Nobody answers a request: the main is silent from then on.
    func makeSilent() {
        _ = submit(99, time: .milliseconds(100))
        let connection = ConnectionID(slot: core.exchanges[99].connection, generation: 1)
        _ = handle(.connected(connection))
        now = now + .milliseconds(100)
        _ = handle(.timer)
    }
}

extension ConnectionID {
    /// The first connection that a core makes, and the second.
    static let first = ConnectionID(slot: 0, generation: 1)
    static let second = ConnectionID(slot: 1, generation: 1)

    /// The next connection in its slot.
    var next: ConnectionID { ConnectionID(slot: slot, generation: generation + 1) }
}
