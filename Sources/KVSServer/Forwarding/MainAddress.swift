import Basics
import EventLoops
import Glibc

/// Where the main is: the addresses of its host, which may be a name that comes to mean another machine.
///
/// Shared by all loops; any thread may use it. Names are resolved on a thread of their own, because
/// getaddrinfo(3) blocks.
final class MainAddress: Sendable {
    private struct State {
        var addresses: [SocketAddress]
        var observers: [@Sendable ([SocketAddress]) -> Void] = []
        var isResolving = false
        var lastAttempt: ContinuousClock.Instant?
    }

    /// A name is not looked up more often than this.
    private static let resolutionInterval = Duration.milliseconds(100)

    let endpoint: Endpoint
    private let isNumeric: Bool
    private let state: LockedValue<State>

    init(_ endpoint: Endpoint) {
        self.endpoint = endpoint
        let numeric = SocketAddress(numericHost: endpoint.host, port: endpoint.port)
        isNumeric = numeric != nil
        state = LockedValue(State(addresses: numeric.map { [$0] } ?? []))
        resolve()
    }

    /// The known addresses. Empty while a name means nothing yet.
    var addresses: [SocketAddress] { state.withLock { $0.addresses } }

    /// Calls `observer`, on any thread, whenever the name has come to mean other addresses.
    func observe(_ observer: @escaping @Sendable ([SocketAddress]) -> Void) {
        state.withLock { $0.observers.append(observer) }
    }

    /// Looks the name up, unless that is being done or was done a moment ago.
    func resolve() {
        guard !isNumeric else { return }
        let isDue = state.withLock { state in
            let now = ContinuousClock.now
            guard !state.isResolving,
                state.lastAttempt.map({ now - $0 >= Self.resolutionInterval }) ?? true
            else { return false }
            state.isResolving = true
            state.lastAttempt = now
            return true
        }
        guard isDue else { return }
        do throws(SystemError) {
            let thread = try BackgroundThread.start { [self] in
                let found = SocketAddress.resolve(host: endpoint.host, port: endpoint.port)
                finishResolving(found)
            }
            pthread_detach(thread)
        } catch {
            finishResolving([])
        }
    }

    private func finishResolving(_ found: [SocketAddress]) {
        let observers = state.withLock { state in
            state.isResolving = false
            // What was known stays better than nothing. A name server may give the same addresses in
            // another order each time.
            let isNews =
                !found.isEmpty
                && (found.count != state.addresses.count
                    || !found.allSatisfy { state.addresses.contains($0) })
            guard isNews else { return [] as [@Sendable ([SocketAddress]) -> Void] }
            state.addresses = found
            return state.observers
        }
        for observer in observers { observer(found) }
    }
}
