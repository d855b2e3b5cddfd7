import Basics
import EventLoops
import Wire

@testable import EventHTTP

#if canImport(TestSupport)
    import TestSupport
#endif

/// A connection in simulated time: the program's own driver, with another socket and another evhttp.
final class SimulatedServerConnection: ConnectionWorld {
    let simulation: ServerSimulation
    let index: Int
    let stream: SimulatedStream
    let peer: SimulatedPeer
    private(set) var driver: ConnectionDriver<SimulatedServerConnection>?
    var isQueued = false
    /// The number of the request that a handler has.
    private(set) var handled: UInt64 = 0

    init(_ simulation: ServerSimulation, index: Int, window: Int) {
        self.simulation = simulation
        self.index = index
        stream = SimulatedStream(simulation, index: index, window: window)
        peer = SimulatedPeer(simulation, stream)
        driver = ConnectionDriver(world: self)
    }

    var limits: HTTPLimits { simulation.scenario.limits }
    var readBuffer: UnsafeMutableRawBufferPointer { simulation.readBuffer }
    var budget: BufferBudget { simulation.budget }
    var observer: (any RequestObserver)? { simulation.observer }
    var requestIDs: RequestIDs { simulation.requestIDs }
    var ownAnswers: any OwnAnswers { AnswersByName() }
    var now: MonotonicTime { simulation.timeInTurn() }
    var isDraining: Bool { simulation.isDraining }
    var isShortOfMemory: Bool { simulation.fails() }

    func deadline(after ticks: Int) -> Int { simulation.tick + ticks }

    func time(until deadline: Int) -> TimeSpan {
        .milliseconds(100) * Int64(deadline - simulation.tick)
    }

    func hasMemoryForRequest() -> Bool { !simulation.fails() }

    func standInLine() { simulation.standInLine(self) }

    func handle(request number: UInt64) {
        if number != handled + 1 { simulation.violate("handlers get requests in order, each once") }
        handled = number
        simulation.handle(self, number)
    }

    func report(_ fault: ConnectionFault) { simulation.faults.append(fault) }

    func remove() {
        simulation.remove(self)
        driver = nil
    }
}

/// Says what it is about.
struct AnswersByName: OwnAnswers {
    func body(of answer: OwnAnswer) -> String { "\(answer)" }
}
