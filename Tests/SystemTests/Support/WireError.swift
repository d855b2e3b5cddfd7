/// Why a `WireClient` could not read what it was asked for.
enum WireError: Error, Equatable {
    /// Nothing came within the client's time-out.
    case timedOut
    /// The peer closed the connection; `partial` is what had come of a response.
    case closed(partial: [UInt8])
    /// The peer reset the connection; `partial` is what had come of a response.
    case reset(partial: [UInt8])
    /// What came is not HTTP/1.1.
    case malformed(String)
}
