/// The limits that one loop's server keeps; the server's configuration says them in everyday units.
struct HTTPLimits: Sendable {
    /// Time is counted in ticks of the sweep.
    static let tick = Duration.milliseconds(100)

    var head = HeadParser.Limits()
    /// The largest request body on the wire, decoded from chunks, in bytes.
    var bodyBytes: Int
    /// Connections of this loop at one time.
    var connections: Int
    /// From the first byte of a request to the last of its reply.
    var requestTicks: Int
    /// Between two requests.
    var idleTicks: Int
    /// How long a server that stops waits for one more request of an idle connection.
    var drainTicks = 2
    /// After the last reply, until the client has closed.
    var lingerTicks: Int

    /// Rounds up, so that a limit is never shorter than it was asked for.
    static func ticks(_ duration: Duration) -> Int {
        max(1, Int((duration / tick).rounded(.up)))
    }
}
