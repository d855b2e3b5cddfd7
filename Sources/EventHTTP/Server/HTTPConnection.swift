import Basics
import EventLoops

/// One client's connection: a socket that we drive, and the evhttp connection that it feeds.
///
/// evhttp's bufferevent has no socket: we read, the guard looks at each byte, evhttp hears of one complete
/// request at a time; what it prints we send. So libevent makes no `epoll_ctl`, `ioctl` and timer of its own
/// for a request; three system calls are left (wait, read, write), nothing that a client sends reaches
/// evhttp's parser, and evhttp never sees a half-closed or slow peer. How, is the affair of
/// ``ConnectionDriver``. For use on the loop's thread only.
final class HTTPConnection: ConnectionWorld, TransportHandler, LoopTask {
    private let server: HTTPServer
    let stream: Transport
    let peer: EvhttpPeer
    /// Where the connection stands in the server's table.
    var tableIndex = -1
    // Safe: used on the loop's thread only, by nobody that is called while it is written. So also below.
    @exclusivity(unchecked) var isQueued = false
    /// nil once the connection has ended.
    @exclusivity(unchecked) private(set) var driver: ConnectionDriver<HTTPConnection>?

    init(server: HTTPServer, stream: Transport, peer: EvhttpPeer) {
        self.server = server
        self.stream = stream
        self.peer = peer
        driver = ConnectionDriver(world: self)
    }

    /// Begins to watch the socket.
    func start() {
        driver?.start()
        do throws(SystemError) {
            try stream.startWatching(for: self)
        } catch {
            server.rest(because: error)
            driver?.drop()
        }
    }

    func transportIsReady() {
        // Who stands in the queue has had a turn, and gets the next one there.
        if !isQueued { driver?.streamIsReady() }
    }

    func takeTurn() { driver?.takeTurn() }

    // MARK: - What the driver asks

    var limits: HTTPLimits { server.limits }
    var readBuffer: UnsafeMutableRawBufferPointer { server.readBuffer }
    var budget: BufferBudget { server.budget }
    var observer: (any RequestObserver)? { server.observer }
    var requestIDs: RequestIDs { server.requestIDs }
    var ownAnswers: any OwnAnswers { server.ownAnswers }
    var now: MonotonicTime { .now }
    var isDraining: Bool { server.isDraining }
    var isShortOfMemory: Bool { LibeventMemory.isShort }

    func deadline(after ticks: Int) -> Int { server.deadline(after: ticks) }

    func time(until deadline: Int) -> TimeSpan { server.time(until: deadline) }

    func hasMemoryForRequest() -> Bool { server.hasMemoryForRequest() }

    func standInLine() { server.queue.append(self) }

    func handle(request number: UInt64) {
        if let driver { server.handler.handle(HTTPRequest(on: driver, number: number)) }
    }

    func report(_ fault: ConnectionFault) {
        switch fault {
        case .overdue: server.logger.error("a request was not answered before its deadline")
        case .droppedRequest: server.logger.error("a request was dropped without a reply")
        case .requestNotTaken: server.logger.error("evhttp did not take a request")
        }
    }

    func remove() {
        server.remove(self)
        driver = nil
    }
}

extension Transport: ByteStream {
    func write(_ buffer: EventBuffer) -> Int32 { write(buffer.pointer) }
}
