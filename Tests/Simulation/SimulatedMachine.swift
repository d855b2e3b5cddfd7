import Basics

/// A machine that an address belongs to, and the main that runs there, or does not.
struct SimulatedMachine {
    enum State {
        /// A main runs.
        case serving
        /// The main has got SIGSTOP: its kernel connects, nobody answers.
        case stopped
        /// No main runs: the kernel refuses.
        case refusing
        /// Nothing comes back.
        case gone
        /// There is no route to it: connecting fails at once.
        case noRoute
    }

    var state: State
    var stateSince: MonotonicTime
    /// Counts the mains that have run here: a connection belongs to one of them.
    var process = 0
    /// Requests that wait in the kernel of a stopped main, or for the network to come back.
    var held: [(connection: Int, exchange: Int)] = []

    /// Whether something comes back from it.
    var isResponsive: Bool { state == .serving || state == .refusing }
}
