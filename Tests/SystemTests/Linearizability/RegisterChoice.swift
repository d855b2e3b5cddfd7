import TestSupport

/// Chooses what a client asks for next, by what it was told before.
struct RegisterChoice {
    /// The keys that clients ask for.
    struct Keys {
        /// Written all the time: conditions meet other clients' writes.
        var busy: [String]
        /// Mostly read, and written with a time to live of a second, so that it is over now and then.
        var expiring: [String] = []
    }

    /// The last two values of a key that it was told of, the newer one first.
    private typealias Known = (last: String, earlier: String?)

    private let name: String
    private let keys: Keys
    private var random: SeededGenerator
    private var known: [String: Known] = [:]
    private var count = 0

    /// - Parameter name: Part of every value that is written, so that no value is written twice.
    init(_ name: String, _ keys: Keys, seed: UInt64) {
        self.name = name
        self.keys = keys
        random = SeededGenerator(seed: seed)
    }

    mutating func next() -> (key: String, request: RegisterRequest) {
        count += 1
        if let key = keys.expiring.randomElement(using: &random), random.chance(30) {
            return (key, nextForExpiring(key))
        }
        let key = keys.busy.randomElement(using: &random) ?? ""
        return (key, nextForBusy(key))
    }

    /// Learns from an answer what a key holds.
    mutating func note(_ action: RegisterOperation.Action, on key: String) {
        let value: String? =
            switch action {
            case .put(let value, _, _, _): value
            case .get(let value, _): value
            case .refused(_, let present): present
            case .delete, .crash: nil
            }
        guard let value, value != known[key]?.last else { return }
        known[key] = (value, known[key]?.last)
    }

    private mutating func nextForBusy(_ key: String) -> RegisterRequest {
        switch random.below(20) {
        case 0..<8: .get()
        case 8: .get(unless: known[key]?.last)
        case 9..<13: .put(newValue)
        case 13..<16: .put(newValue, if: lastOrAbsent(key))
        // Must fail, as nobody writes the same twice.
        case 16: .put(newValue, if: known[key]?.earlier.map(WriteCondition.holds) ?? .exists)
        case 17: .put(newValue, if: random.chance(50) ? .isAbsent : .exists)
        case 18: .delete()
        default: .delete(if: random.chance(80) ? lastOrAbsent(key) : .exists)
        }
    }

    /// A key is written some two times a second, else it would never be there for a second.
    private mutating func nextForExpiring(_ key: String) -> RegisterRequest {
        switch random.below(200) {
        case 0..<150: .get()
        case 150..<194: .put(newValue, if: .isAbsent, seconds: 1)
        case 194: .put(newValue, if: lastOrAbsent(key), seconds: 1)
        case 195: .put(newValue, if: .exists, seconds: 1)
        case 196: .put(newValue, seconds: 1)
        case 197: .put(newValue)
        case 198: .delete(if: lastOrAbsent(key))
        default: .delete()
        }
    }

    private var newValue: String { "\(name)_\(count)" }

    private func lastOrAbsent(_ key: String) -> WriteCondition {
        known[key].map { .holds($0.last) } ?? .isAbsent
    }
}
