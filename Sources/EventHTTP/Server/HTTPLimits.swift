package import Wire

/// The limits that one loop's server keeps; the server's configuration says them in everyday units.
package struct HTTPLimits: Sendable {
    /// Time is counted in ticks of the sweep.
    static let tick = Duration.milliseconds(100)

    /// What one request may have.
    package var request: RequestReader.Limits
    /// From the first byte of a request to the last of its reply.
    package var requestTicks: Int
    /// Between two requests.
    package var idleTicks: Int
    /// How long a server that stops waits for one more request of an idle connection.
    var drainTicks = 2
    /// How long after a request's deadline its handler must have answered.
    var watchdogTicks = 20
    /// After the last reply, until the client has closed.
    package var lingerTicks: Int

    package init(
        request: RequestReader.Limits,
        requestTicks: Int,
        idleTicks: Int,
        lingerTicks: Int
    ) {
        self.request = request
        self.requestTicks = requestTicks
        self.idleTicks = idleTicks
        self.lingerTicks = lingerTicks
    }

    /// How long an idle connection is certainly kept, in whole seconds.
    var idleSeconds: Int { (idleTicks - 1) / 10 }

    /// Rounds up, so that a limit is never shorter than it was asked for.
    package static func ticks(_ duration: Duration) -> Int {
        max(1, Int((duration / tick).rounded(.up)))
    }
}
