import Basics

/// What a forwarding core acts on: sockets, clients and the clock; in tests, a simulation of them.
///
/// Each call may report events to the driver before it returns; they are handled after it.
protocol ForwardingWorld: AnyObject {
    var now: MonotonicTime { get }
    /// When something came from the main's address last, as far as anybody in the process knows.
    var timeOfLastAnswer: MonotonicTime { get }
    func connect(_ connection: ConnectionID, toAddress index: Int, for exchange: ExchangeID)
    func send(_ exchange: ExchangeID, on connection: ConnectionID)
    func close(_ connection: ConnectionID)
    /// Must not run anybody's code: whoever waits is told with an empty stack.
    func finish(_ exchange: ExchangeID, _ ending: ExchangeEnding)
    func sendProbe()
    func resolve()
    func healthHasChanged(_ state: MainHealth.State)
    /// Asks for a turn, ``ForwardingDriver/takeTurn()``, soon and with an empty stack.
    func takeTurnLater()
    /// Asks for ``ForwardingEvent/timer`` at that time.
    func setTimer(_ time: MonotonicTime)
    /// What had come has been handled.
    func turnHasEnded()
}

/// Runs a forwarding core in its world: one event after the other, never one inside another.
///
/// What is done in the course of an event may bring the next one (a connection that fails at once): it
/// stands in line. So the depth of the stack and the work of one call are bounded, whatever fails.
final class ForwardingDriver<World: ForwardingWorld> {
    // Safe: the world owns the driver, and sets this once, before the first event. (Measured: counting the
    // references took a twentieth of what the forwarder's own code takes for a request.)
    unowned(unsafe) var world: World?
    // Safe: no access to these lasts while the world is called; the core itself calls nobody. (Measured:
    // the checks took a fifth.)
    @exclusivity(unchecked) private(set) var core: ForwardingCore
    @exclusivity(unchecked) private var events = FIFO<ForwardingEvent>()
    @exclusivity(unchecked) private var timer: MonotonicTime?
    private var isRunning = false

    /// Events that are handled in one call.
    private static var eventsPerTurn: Int { 64 }

    init(core: ForwardingCore) { self.core = core }

    /// Handles an event, or keeps it where another one is being handled.
    func handle(_ event: ForwardingEvent) {
        events.append(event)
        if !isRunning { takeTurn() }
    }

    /// The kernel has taken bytes of the request on a connection.
    func bytesHaveLeft(_ connection: ConnectionID) { core.bytesHaveLeft(connection) }

    /// Bytes have come from the main's address.
    func bytesHaveCome() {
        if core.health.state == .silent {
            handle(.answered)
        } else if let world {
            core.mainHasAnswered(world.now)
        }
    }

    /// Handles what waits, as much of it as one turn may take.
    func takeTurn() {
        guard let world else { return }
        assert(!isRunning, "a turn inside a turn")
        isRunning = true
        // One loop's request that hangs says nothing of a main that answers those of others.
        core.note(answerAt: world.timeOfLastAnswer)
        var left = Self.eventsPerTurn
        var hasMore = false
        repeat {
            while left > 0, let event = events.popFirst() {
                left -= 1
                core.handle(event, at: world.now)
                perform(in: world)
            }
            hasMore = core.hasWork && core.work(at: world.now)
            perform(in: world)
            left -= 1
            // More work than one turn may do: others have theirs first.
        } while left > 0 && !hasMore && !events.isEmpty
        isRunning = false
        if hasMore || !events.isEmpty { world.takeTurnLater() }
        setTimer(in: world)
        world.turnHasEnded()
    }

    private func perform(in world: World) {
        guard !core.actions.isEmpty else { return }
        // Taken out first: what is called here may not find the core in use.
        var actions: [ForwardingAction] = []
        swap(&actions, &core.actions)
        for action in actions {
            switch action {
            case .connect(let connection, let address, let exchange):
                world.connect(connection, toAddress: address, for: exchange)
            case .send(let exchange, let connection): world.send(exchange, on: connection)
            case .close(let connection): world.close(connection)
            case .finish(let exchange, let ending): world.finish(exchange, ending)
            case .probe: world.sendProbe()
            case .resolve: world.resolve()
            case .healthHasChanged: world.healthHasChanged(core.health.state)
            }
        }
        if core.actions.isEmpty {
            actions.removeAll(keepingCapacity: true)
            swap(&actions, &core.actions)
        }
    }

    /// The timer has gone off.
    func timerHasGoneOff() {
        timer = nil
        handle(.timer)
    }

    /// A timer that goes off too early does no harm: most exchanges end long before their time, and
    /// setting it anew for each would cost more than all else here.
    private func setTimer(in world: World) {
        guard let next = core.nextTimer else { return }
        if let timer, timer <= next { return }
        timer = next
        world.setTimer(next)
    }
}
