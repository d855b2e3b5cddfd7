/// What happens in a simulation. Connections, exchanges, machines and clients are given by number.
enum SimulatedEvent {
    // At the forwarder's sockets.
    case connected(Int)
    case bytesHaveCome(Int)
    case replied(Int)
    case ended(Int)
    case refused(Int)
    case unreachable(Int)
    case overloaded(Int)

    // On the forwarder's loop.
    case timer(Int)
    case turn
    case clientsAreTold
    case clientActs(Int)
    case lookedUp
    case otherLoopHears
    case otherLoopFindsSilence
    case processEnds

    // At the main, and in the world.
    case connectionArrives(Int)
    case requestArrives(Int, exchange: Int)
    case replyLeaves(Int, uses: Int)
    case mainClosesIdle(Int, uses: Int)
    case machineChanges(Int, SimulatedMachine.State, isRestart: Bool)
    case nameChanges

    /// The main has been there for so long that its presence must have been noticed.
    case mustBeNoticed

    /// Whether it waits while the forwarder's loop is busy.
    var isAtForwarder: Bool {
        switch self {
        case .connected, .bytesHaveCome, .replied, .ended, .refused, .unreachable, .overloaded,
            .timer, .turn, .clientsAreTold, .clientActs, .lookedUp, .otherLoopHears,
            .otherLoopFindsSilence, .processEnds:
            true
        case .connectionArrives, .requestArrives, .replyLeaves, .mainClosesIdle, .machineChanges,
            .nameChanges, .mustBeNoticed:
            false
        }
    }
}
