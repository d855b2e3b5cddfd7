import Basics
import EventHTTP
import EventLoops
import Wire

/// The calls and connections of one client. For use on the loop's thread, but for ``submit(_:)``,
/// ``refuseAll()``, and ``close()`` once that has ended.
final class ClientCalls: @unchecked Sendable {
    // Safe: made before the loop's thread starts, and used there only, or after its end; `inbox` has a lock.

    /// The largest reply: a value as it is takes 1.5 MiB, and 10,000 keys of 250 bytes, the most that a page
    /// has, 2.5 MB.
    private static let maximumReplyBytes = 3 << 20
    private static let sweepTime = Duration.milliseconds(50)

    /// What a host's name means at a port. Waits, on a thread of its own.
    typealias Resolver = @Sendable (String, UInt16) -> [SocketAddress]

    private let endpoint: Endpoint
    private let settings: KVSClient.Settings
    private let surroundings: LoopSurroundings
    private let resolver: Resolver
    private var waiting = FIFO<ClientCall>()
    private var active: [ClientConnection] = []
    private var idle: [ClientConnection] = []
    /// What the host's name means; empty until that is known.
    private var addresses: [SocketAddress] = []
    /// Whether the name may mean something else by now.
    private var areAddressesOld = false
    /// Where new connections go: counted on and on, beyond the number of addresses.
    private var nextAddress = 0
    private var isResolving = false
    private var sweep: LoopTimer?
    /// What was submitted and is not looked at yet; nil once nothing more is taken.
    private let inbox = LockedValue<[ClientCall]?>([])

    /// How the last call that had no result has ended, and why in words. Any thread may look.
    private let lastFailure = LockedValue<(error: KVSClientError, cause: String?)?>(nil)

    init(
        endpoint: Endpoint,
        settings: KVSClient.Settings,
        loop: EventLoop,
        resolver: @escaping Resolver
    ) {
        self.endpoint = endpoint
        self.settings = settings
        self.resolver = resolver
        surroundings = LoopSurroundings(loop: loop, budget: BufferBudget(limit: .max))
        if let address = SocketAddress(numericHost: endpoint.host, port: endpoint.port) {
            addresses = [address]
        }
        sweep = LoopTimer(on: loop, repeats: true) { [unowned self] in expire() }
    }

    /// See ``KVSClient/cause(of:)``. Any thread may call it.
    func cause(of error: KVSClientError) -> String? {
        lastFailure.withLock { $0?.error == error ? $0?.cause : nil }
    }

    /// Keeps why a call has no result. Any thread may call it.
    func note(_ error: KVSClientError, cause: String?) {
        lastFailure.withLock { $0 = (error, cause) }
    }

    /// Takes a call. Any thread may call it.
    func submit(_ call: ClientCall) {
        call.deadline = .now + TimeSpan(settings.timeout)
        let isTaken = inbox.withLock { calls in
            calls?.append(call)
            return calls != nil
        }
        guard isTaken else { return call.end(.failure(.closed)) }
        surroundings.loop.execute { [self] in takeCalls() }
    }

    private func takeCalls() {
        let calls = inbox.withLock { calls in
            defer { if calls != nil { calls = [] } }
            return calls ?? []
        }
        if waiting.isEmpty, active.isEmpty { sweep?.start(after: Self.sweepTime) }
        for call in calls { waiting.append(call) }
        goOn()
    }

    /// Gives those that wait connections, first come, first served.
    private func goOn() {
        while let call = waiting.first {
            guard !call.isOver else {
                _ = waiting.popFirst()
                continue
            }
            guard !addresses.isEmpty, !areAddressesOld else { return resolve() }
            do throws(KVSClientError) {
                guard let connection = try takeConnection(for: call) else { return }
                _ = waiting.popFirst()
                try start(call, on: connection)
            } catch {
                if waiting.first === call { _ = waiting.popFirst() }
                call.end(.failure(error))
            }
        }
    }

    private func start(
        _ call: ClientCall,
        on connection: ClientConnection
    ) throws(KVSClientError) {
        do throws(KVSClientError) {
            try connection.send(call, host: endpoint.hostField)
        } catch {
            connection.close()
            throw error
        }
        // What it hears, also of this very call, is told from the loop's queue.
        active.append(connection)
    }

    private func takeConnection(for call: ClientCall) throws(KVSClientError) -> ClientConnection? {
        while let connection = idle.popLast() {
            if connection.isStillGood { return connection }
            connection.close()
        }
        guard active.count < max(1, settings.connections) else { return nil }
        let index = call.nextAddress ?? nextAddress
        do throws(SystemError) {
            return try ClientConnection(
                surroundings,
                address: addresses[index % addresses.count],
                addressIndex: index,
                maximumReplyBytes: Self.maximumReplyBytes
            ) { [unowned self, loop = surroundings.loop] connection, end in
                // Safe: handed to the same thread, for when the stack is empty.
                nonisolated(unsafe) let connection = connection
                loop.execute { [self] in hasEnded(connection, end) }
            }
        } catch {
            throw .system("\(error)")
        }
    }

    private func hasEnded(_ connection: ClientConnection, _ end: ClientConnection.End) {
        // It may have been given up meanwhile; and an idle one ends as well.
        guard let index = active.firstIndex(where: { $0 === connection }) else {
            if let index = idle.firstIndex(where: { $0 === connection }) {
                idle.remove(at: index).close()
            }
            return
        }
        active.remove(at: index)
        let isUsed = connection.isUsed
        let call = connection.finish()
        switch end {
        case .replied(let reply, let isReusable):
            call?.end(.success(reply))
            if isReusable { idle.append(connection) } else { connection.close() }
        case .failed(let failure):
            connection.close()
            if let call {
                if !isUsed, !call.hasLeft { hasFailed(call, at: connection.addressIndex) }
                hasFailed(call, failure, isUsed: isUsed)
            }
        }
        goOn()
        stopSweepingIfIdle()
    }

    /// An address has taken no connection. Others may have found that out before, and moved on.
    private func hasFailed(_ call: ClientCall, at addressIndex: Int) {
        if nextAddress == addressIndex { nextAddress += 1 }
        call.failedAddresses += 1
        call.nextAddress = addressIndex + 1
    }

    /// Sends a call again only where the server cannot have seen it, or, once, where it changes nothing.
    private func hasFailed(_ call: ClientCall, _ failure: ConnectionFailure, isUsed: Bool) {
        let isUntouched =
            !call.hasLeft && (isUsed || call.failedAddresses < addresses.count)
        let mayAskAgain = call.hasLeft && !call.isWrite && call.attempts < 2
        if isUntouched || mayAskAgain {
            call.hasLeft = false
            waiting.append(call)
        } else if failure == .local {
            call.end(.failure(.system("no connection")))
        } else {
            areAddressesOld =
                SocketAddress(numericHost: endpoint.host, port: endpoint.port) == nil
            let error = KVSClientError.unavailable(
                mayHaveActed: call.hasLeft && call.isWrite
            )
            note(error, cause: failure.words)
            call.end(.failure(error))
        }
    }

    /// Looks the host's name up, on a thread of its own: getaddrinfo(3) waits.
    private func resolve() {
        guard !isResolving else { return }
        isResolving = true
        let (endpoint, loop, resolver) = (endpoint, surroundings.loop, resolver)
        do throws(SystemError) {
            try BackgroundThread.startDetached { [self] in
                let found = resolver(endpoint.host, endpoint.port)
                loop.execute { self.isResolved(found) }
            }
        } catch {
            isResolved([])
        }
    }

    private func isResolved(_ found: [SocketAddress]) {
        isResolving = false
        (addresses, areAddressesOld) = (found, false)
        if found.isEmpty {
            let error = KVSClientError.unavailable(mayHaveActed: false)
            note(error, cause: "no such host")
            while let call = waiting.popFirst() { call.end(.failure(error)) }
        }
        goOn()
    }

    private func expire() {
        let now = MonotonicTime.now
        for connection in active {
            guard let call = connection.call, call.deadline <= now else { continue }
            active.removeAll { $0 === connection }
            _ = connection.finish()
            connection.close()
            call.end(.failure(.timedOut))
        }
        var rest = FIFO<ClientCall>()
        while let call = waiting.popFirst() {
            if call.deadline <= now { call.end(.failure(.timedOut)) } else { rest.append(call) }
        }
        waiting = rest
        goOn()
        stopSweepingIfIdle()
    }

    private func stopSweepingIfIdle() {
        if waiting.isEmpty, active.isEmpty { sweep?.cancel() }
    }

    // MARK: - The end

    /// From now on calls fail; so do those that nobody has looked at. Any thread may call it.
    ///
    /// - Returns: False where that was so before.
    func refuseAll() -> Bool {
        let calls = inbox.withLock { $0.take() }
        for call in calls ?? [] { call.end(.failure(.closed)) }
        return calls != nil
    }

    /// Ends what is under way. The loop's thread has ended.
    func close() {
        for connection in active + idle {
            connection.finish()?.end(.failure(.closed))
            connection.close()
        }
        (active, idle) = ([], [])
        while let call = waiting.popFirst() { call.end(.failure(.closed)) }
        surroundings.queue.close()
        sweep = nil
    }
}
