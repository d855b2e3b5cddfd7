import Basics

/// Somebody who has something to do, later, with an empty stack.
package protocol LoopTask: AnyObject {
    /// Whether it stands in the queue; for the queue only.
    var isQueued: Bool { get set }
    /// Its turn. It may append itself again: it then stands at the end of the line.
    func takeTurn()
}

/// What is to be done on a loop, in order, once nobody's code is on the stack.
///
/// Whoever ends an exchange, or has had a turn and is not done, stands in line here, once. So nothing
/// answers a client from inside a call of another one, and nobody keeps a loop to himself. For use on
/// the loop's thread only.
package final class LoopQueue {
    /// Turns before sockets are looked at again, and the time after which no other one begins: some turns
    /// take a thousand times as long as others.
    private static let turnsPerPass = 32
    private static let timePerPass = TimeSpan.milliseconds(2)

    // Safe: used on the loop's thread only, and a task is taken out before its turn.
    @exclusivity(unchecked) private var tasks = FIFO<any LoopTask>()
    private var event: LoopTimer?
    private var isScheduled = false
    private var turnsLeft = turnsPerPass
    /// When no other turn begins in this pass, however many runs it has.
    private var passEnd = MonotonicTime.distantPast

    package init(on loop: EventLoop) {
        event = LoopTimer(on: loop) { [unowned self] in run() }
    }

    /// Puts a task at the end of the line, unless it stands there already.
    package func append(_ task: any LoopTask) {
        guard !task.isQueued else { return }
        task.isQueued = true
        tasks.append(task)
        if !isScheduled {
            isScheduled = true
            event?.runSoon()
        }
    }

    private func run() {
        // What is appended meanwhile has its turn in the next run.
        var count = min(tasks.count, turnsLeft)
        if turnsLeft == Self.turnsPerPass { passEnd = .now + Self.timePerPass }
        turnsLeft -= count
        while count > 0, let task = tasks.popFirst() {
            count -= 1
            task.isQueued = false
            task.takeTurn()
            if count > 0 || !tasks.isEmpty, MonotonicTime.now >= passEnd {
                turnsLeft = 0
                break
            }
        }
        if tasks.isEmpty {
            isScheduled = false
            turnsLeft = Self.turnsPerPass
        } else if turnsLeft > 0 {
            // In the same pass of the loop, which costs no system call.
            event?.runSoon()
        } else {
            turnsLeft = Self.turnsPerPass
            event?.start(after: TimeSpan.zero)
        }
    }

    /// Gives everybody who stands in line a turn, and nobody two.
    package func runOnce() {
        var count = tasks.count
        while count > 0, let task = tasks.popFirst() {
            count -= 1
            task.isQueued = false
            task.takeTurn()
        }
    }

    /// The loop has ended: nobody has a turn any more.
    package func close() {
        event = nil
        while let task = tasks.popFirst() { task.isQueued = false }
    }
}
