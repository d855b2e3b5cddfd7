/// All configurations that explain one key's history up to one moment.
struct LinearizabilitySearch: Sendable {
    /// One way to explain the history so far.
    private struct Configuration: Hashable {
        var state: RegisterState
        /// The pending operations that have taken effect, one bit for each slot.
        var done: UInt64
    }

    /// The configurations that differ only in which operations of unknown outcome they used up.
    private struct Group: Hashable {
        let state: RegisterState
        let done: UInt64
    }

    private struct Pending {
        let index: Int
        let operation: RegisterOperation
        let bit: UInt64
    }

    private let maxConfigurations: Int
    private var configurations: [Configuration]
    private var pending: [Pending] = []
    /// The slots of the pending operations that may as well never happen.
    private var optional: UInt64 = 0
    private var freeSlots = Array(0..<UInt64.bitWidth)

    /// Whether nothing explains the history.
    var isExhausted: Bool { configurations.isEmpty }

    init(from initial: RegisterState, maxConfigurations: Int) {
        configurations = [Configuration(state: initial, done: 0)]
        self.maxConfigurations = maxConfigurations
    }

    /// Makes the operation pending; false where more than 64 would be.
    mutating func begin(_ operation: RegisterOperation, as index: Int) -> Bool {
        guard let slot = freeSlots.popLast() else { return false }
        let bit: UInt64 = 1 << UInt64(slot)
        pending.append(Pending(index: index, operation: operation, bit: bit))
        if operation.mayNotHappen { optional |= bit }
        return true
    }

    /// Keeps what explains that the operation has ended by now: that it has taken effect, perhaps
    /// after others that are pending. False where that is too much to search.
    mutating func end(_ index: Int, at now: Int64) -> Bool {
        guard let position = pending.firstIndex(where: { $0.index == index }) else {
            preconditionFailure("an operation ended that never began")
        }
        let ending = pending[position]
        guard let explained = configurations(reaching: .effect(of: ending), at: now) else {
            return false
        }
        pending.remove(at: position)
        optional &= ~ending.bit
        freeSlots.append(ending.bit.trailingZeroBitCount)
        configurations = explained.map {
            Configuration(state: $0.state, done: $0.done & ~ending.bit)
        }
        return true
    }

    /// Keeps what explains that a value that expires by now has gone. False as of `end`.
    mutating func end(_ expiry: Expiry) -> Bool {
        guard let explained = configurations(reaching: .end(of: expiry), at: expiry.latest) else {
            return false
        }
        configurations = explained
        return true
    }

    /// What must have come about at a moment.
    private enum Goal {
        case effect(of: Pending)
        case end(of: Expiry)

        func isReached(in configuration: Configuration) -> Bool {
            switch self {
            case .effect(let ending): configuration.done & ending.bit != 0
            case .end(let expiry): configuration.state.expiry != expiry
            }
        }

        var mayBeMissed: Bool {
            if case .effect(let ending) = self { ending.operation.mayNotHappen } else { false }
        }
    }

    /// Every configuration that is reached by letting pending operations take effect, and values go
    /// that may have expired `now`, until the goal is reached; nil where there are too many.
    ///
    /// A configuration that used up a superset of another one's optional operations, and is like it
    /// otherwise, is left out: what is left to the other explains whatever is left to this one.
    /// Configurations are visited by the number of optional operations used, so that the smaller
    /// sets come first.
    private func configurations(reaching goal: Goal, at now: Int64) -> [Configuration]? {
        var queues = [[Configuration]](repeating: [], count: UInt64.bitWidth + 2)
        for configuration in configurations {
            queues[(configuration.done & optional).nonzeroBitCount].append(configuration)
        }
        var visited: [Group: [UInt64]] = [:]
        var explained: [Configuration] = []
        var count = 0
        var level = 0
        while level < queues.count {
            guard let configuration = queues[level].popLast() else {
                level += 1
                continue
            }
            let used = configuration.done & optional
            let group = Group(state: configuration.state, done: configuration.done & ~optional)
            if visited[group, default: []].contains(where: { $0 & ~used == 0 }) { continue }
            visited[group, default: []].append(used)
            count += 1
            if count > maxConfigurations { return nil }
            let isReached = goal.isReached(in: configuration)
            if isReached || goal.mayBeMissed { explained.append(configuration) }
            if isReached { continue }
            for next in successors(of: configuration, at: now) {
                queues[(next.done & optional).nonzeroBitCount].append(next)
            }
        }
        return explained
    }

    private func successors(of configuration: Configuration, at now: Int64) -> [Configuration] {
        var successors: [Configuration] = []
        for next in pending where configuration.done & next.bit == 0 {
            guard let state = next.operation.apply(to: configuration.state) else { continue }
            successors.append(Configuration(state: state, done: configuration.done | next.bit))
        }
        if let expiry = configuration.state.expiry, expiry.earliest <= now {
            successors.append(Configuration(state: .absent, done: configuration.done))
        }
        return successors
    }
}
