import Basics
import EventHTTP
package import EventLoops
import Wire

/// A client of kvs: puts, gets, deletes and lists values, at a main or at a forwarder.
///
/// It has a thread of its own, and keeps up to ``Settings/connections`` connections; calls beyond that wait in
/// line. Any task and thread may use it. Call ``close()`` when it is not wanted any more.
///
/// ```swift
/// let client = try KVSClient("http://127.0.0.1:8080")
/// try await client.put("greeting", Array("hello".utf8))
/// let value = try await client.get("greeting")
/// client.close()
/// ```
public final class KVSClient: Sendable {
    /// How a client behaves.
    public struct Settings: Sendable {
        /// For each call, from its beginning to the last byte of its reply. The default is that of a forwarder's
        /// exchange, and a second for the way to the forwarder.
        public var timeout = Duration.seconds(6)
        /// The most that are open at a time.
        public var connections = 8

        /// The defaults.
        public init() {}
    }

    /// The largest value, in bytes.
    public static let maximumValueBytes = 1_572_864

    static let maximumKeyBytes = 250
    static let noKVS = "what answers is no kvs"

    private let loop: EventLoop
    private let calls: ClientCalls

    /// Starts a client. It connects when it is first used.
    ///
    /// - Parameters:
    ///   - url: `http://host:port`, as `http://10.0.0.20:8080`; the port is 80 where there is none. A path means
    ///     nothing and is refused.
    ///   - settings: How it behaves.
    /// - Throws: ``KVSClientError/invalidURL(_:)``; ``KVSClientError/system(_:)`` where the system has no thread or
    ///   descriptor left.
    public convenience init(
        _ url: String,
        _ settings: Settings = Settings()
    ) throws(KVSClientError) {
        try self.init(url, settings, resolver: SocketAddress.resolve)
    }

    /// The same with something else that says what a host's name means.
    package init(
        _ url: String,
        _ settings: Settings = Settings(),
        resolver: @escaping @Sendable (_ host: String, _ port: UInt16) -> [SocketAddress]
    ) throws(KVSClientError) {
        guard let endpoint = Self.endpoint(of: url) else { throw .invalidURL(url) }
        LibeventMemory.install()
        do throws(SystemError) {
            loop = try EventLoop(name: "kvs-client")
            calls = ClientCalls(
                endpoint: endpoint,
                settings: settings,
                loop: loop,
                resolver: resolver
            )
            try loop.start()
        } catch {
            throw .system("\(error)")
        }
    }

    deinit { close() }

    private static func endpoint(of url: String) -> Endpoint? {
        let scheme = "http://"
        guard url.lowercased().hasPrefix(scheme) else { return nil }
        var authority = url.dropFirst(scheme.count)
        if authority.last == "/" { authority.removeLast() }
        guard !authority.contains("/") else { return nil }
        return Endpoint(String(authority)) ?? Endpoint("\(authority):80")
    }

    /// Why a call has failed, in words: the last one that has, if that was with this very error; nil where it
    /// is not known, or another call has failed otherwise since.
    package func cause(of error: KVSClientError) -> String? { calls.cause(of: error) }

    // MARK: - Values

    /// The value of a key; nil where the key does not exist.
    ///
    /// - Parameter key: 1 to 250 of `A-Z a-z 0-9 _`.
    /// - Throws: ``KVSClientError``.
    public func get(_ key: String) async throws(KVSClientError) -> [UInt8]? {
        try await storedValue(of: key)?.bytes
    }

    /// Gives a key a value, which stays until it is replaced or deleted.
    ///
    /// - Parameters:
    ///   - key: 1 to 250 of `A-Z a-z 0-9 _`.
    ///   - value: Any bytes, at most ``maximumValueBytes``.
    /// - Returns: Whether the key had one before.
    /// - Throws: ``KVSClientError``. After ``KVSClientError/unavailable(mayHaveActed:)`` with true, and after
    ///   ``KVSClientError/timedOut``, the value may have been stored.
    @discardableResult
    public func put(_ key: String, _ value: [UInt8]) async throws(KVSClientError) -> Bool {
        let reply = try await write(key, value, secondsToLive: nil, if: nil)
        switch reply.status {
        case 200: return true
        case 201: return false
        default: throw error(of: reply, isWrite: true)
        }
    }

    /// Removes a key and its value.
    ///
    /// - Parameter key: 1 to 250 of `A-Z a-z 0-9 _`.
    /// - Returns: Whether the key existed.
    /// - Throws: ``KVSClientError``, as of ``put(_:_:)``.
    @discardableResult
    public func delete(_ key: String) async throws(KVSClientError) -> Bool {
        let reply = try await send(.delete, try Self.target(of: key))
        switch reply.status {
        case 200: return true
        case 404 where reply.isAbsence: return false
        default: throw error(of: reply, isWrite: true)
        }
    }

    func error(of reply: ClientReply, isWrite: Bool) -> KVSClientError {
        let error = reply.error(isWrite: isWrite)
        calls.note(error, cause: reply.isOfKVS ? nil : Self.noKVS)
        return error
    }

    func send(
        _ method: HTTPMethod,
        _ target: String,
        value: [UInt8]? = nil,
        if condition: Condition? = nil
    ) async throws(KVSClientError) -> ClientReply {
        let result = await withCheckedContinuation { continuation in
            let call = ClientCall(
                method,
                target: target,
                value: value,
                condition: condition,
                continuation
            )
            calls.submit(call)
        }
        return try result.get()
    }

    // MARK: - The end

    /// Ends the client: calls that are under way fail with ``KVSClientError/closed``. Calling it again does
    /// nothing. It waits for the client's thread.
    public func close() {
        guard calls.refuseAll() else { return }
        loop.stop()
        calls.close()
    }
}
