import Glibc
import Logging

/// Where the main is: the addresses of its host, which may be a name that comes to mean another machine.
///
/// Shared by all loops; any thread may use it. Names are resolved on a thread of their own, because
/// getaddrinfo(3) blocks.
final class MainAddress: Sendable {
    private struct State {
        var addresses: [SocketAddress]
        /// How many addresses have failed, modulo their number: where to begin.
        var preferred = 0
        var isResolving = false
        var lastAttempt: ContinuousClock.Instant?
    }

    /// A name is not looked up more often than this.
    private static let resolutionInterval = Duration.milliseconds(100)

    let endpoint: Endpoint
    private let isNumeric: Bool
    private let logger: Logger
    private let state: LockedValue<State>

    init(_ endpoint: Endpoint, logger: Logger) {
        self.endpoint = endpoint
        self.logger = logger
        let numeric = SocketAddress(numericHost: endpoint.host, port: endpoint.port)
        isNumeric = numeric != nil
        state = LockedValue(State(addresses: numeric.map { [$0] } ?? []))
        resolve()
    }

    /// The known addresses, the one to try first in front. Empty while a name means nothing yet; it is
    /// then looked up again.
    var candidates: [SocketAddress] {
        let candidates = state.withLock { state in
            let addresses = state.addresses
            guard !addresses.isEmpty else { return addresses }
            return Array(addresses[state.preferred...] + addresses[..<state.preferred])
        }
        if candidates.isEmpty { resolve() }
        return candidates
    }

    /// Whether the name is being looked up just now.
    var isResolving: Bool { state.withLock { $0.isResolving } }

    /// Nobody could be reached at `address`: others go first from now on, and the name is looked up anew.
    func hasFailed(_ address: SocketAddress) {
        state.withLock { state in
            guard state.addresses.indices.contains(state.preferred),
                state.addresses[state.preferred] == address
            else { return }
            state.preferred = (state.preferred + 1) % state.addresses.count
        }
        resolve()
    }

    /// Looks the name up, unless that is being done or was done a moment ago.
    private func resolve() {
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
        let isFirstFailure = state.withLock { state in
            state.isResolving = false
            // What was known stays better than nothing.
            if found.isEmpty { return state.addresses.isEmpty }
            if state.addresses != found { (state.addresses, state.preferred) = (found, 0) }
            return false
        }
        if isFirstFailure {
            logger.debug("the main's host name does not resolve", metadata: ["main": "\(endpoint)"])
        }
    }
}
