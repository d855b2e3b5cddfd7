package import EventLoops

/// What all connections of one loop share, those of clients and those to the main.
///
/// Made before the loop's thread starts; used on that thread only.
package final class LoopSurroundings {
    package let loop: EventLoop
    package let queue: LoopQueue
    /// Where sockets are read into. Its content is good only until somebody else's code runs.
    let readBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
    /// The budget of the process.
    package let budget: BufferBudget
    /// Hears of each client's connections and requests.
    let observer: (any RequestObserver)?
    /// Names requests whose clients do not.
    let requestIDs = RequestIDs()

    package init(loop: EventLoop, budget: BufferBudget, observer: (any RequestObserver)? = nil) {
        self.loop = loop
        self.budget = budget
        self.observer = observer
        queue = LoopQueue(on: loop)
    }

    deinit { readBuffer.deallocate() }
}
