/// Lets one task wait until a number of events have happened. Any thread may count.
package final class CountdownLatch: Sendable {
    private struct State {
        var remaining: Int
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state: LockedValue<State>

    package init(count: Int) {
        state = LockedValue(State(remaining: count))
    }

    /// One of the events has happened.
    package func countDown() { change { $0 -= 1 } }

    /// Ends the wait whatever is missing.
    package func open() { change { $0 = 0 } }

    private func change(_ body: (inout Int) -> Void) {
        let waiter = state.withLock { state in
            body(&state.remaining)
            guard state.remaining <= 0 else { return nil as CheckedContinuation<Void, Never>? }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Waits for the last event. One task at a time.
    package func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if state.remaining > 0 { state.waiter = continuation }
                return state.remaining <= 0
            }
            if isOpen { continuation.resume() }
        }
    }
}
