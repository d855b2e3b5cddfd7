/// Why a call of a ``KVSClient`` has no result.
public enum KVSClientError: Error, Equatable, Sendable {
    /// The text is not `http://host:port`.
    case invalidURL(String)
    /// The text is not 1 to 250 of `A-Z a-z 0-9 _`; or, as the prefix of a list, not up to 250 of them.
    case invalidKey(String)
    /// The value has so many bytes, more than ``KVSClient/maximumValueBytes``.
    case valueTooLarge(byteCount: Int)
    /// The service is not available: nobody answers at the address, or a forwarder cannot reach its main.
    ///
    /// - Parameter mayHaveActed: Whether a write may have been done all the same. Who must know reads the key.
    case unavailable(mayHaveActed: Bool)
    /// There was no reply in time. A write may have been done.
    case timedOut
    /// The server has refused: the status of its reply, and its own words. 507: there is no memory for
    /// the value; 503: the server has too much to do. Of a status below 400, what it answers is no result of
    /// a kvs, and the message is the client's; a put may then have been done.
    case refused(status: Int, message: String)
    /// The client was closed.
    case closed
    /// The system has no thread, descriptor or memory left.
    case system(String)
}
