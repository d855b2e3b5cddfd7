import Basics
import Synchronization

@testable import KVSStore

/// What the tests of the store share.
enum StoreFixtures {
    /// SplitMix64: the same numbers on every machine, for a given seed.
    struct Generator: RandomNumberGenerator {
        var state: UInt64

        init(seed: UInt64) { state = seed }

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }

        /// Bytes of one of the kinds that are stored in different ways.
        mutating func value(maxBytes: Int) -> [UInt8] {
            let count = Int.random(in: 0...maxBytes, using: &self)
            switch Int.random(in: 0..<4, using: &self) {
            case 0:
                return (0..<count).map { _ in UInt8.random(in: 0x23...0x5B, using: &self) }
            case 1:
                let alphabet = Array("a\"\\\n\t\u{0}\u{1F}/é€😀".unicodeScalars)
                var text = String.UnicodeScalarView()
                for _ in 0..<count { text.append(alphabet.randomElement(using: &self) ?? "a") }
                return Array(String(text).utf8)
            case 2:
                return (0..<count).map { _ in UInt8.random(in: 0...0x7F, using: &self) }
            default:
                return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &self) }
            }
        }
    }
}

extension Key {
    /// Only for keys that are known to be legal.
    init(_ text: String) {
        let key = Array(text.utf8).withUnsafeBytes { bytes in Result { try Key(bytes) } }
        guard case .success(let key) = key else { preconditionFailure("no key: \(text)") }
        self = key
    }

    var text: String { withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
}

extension Item {
    static func make(_ key: String, _ value: [UInt8], until deadline: MonotonicTime? = nil) -> Item
    {
        let item = value.withUnsafeBytes { make(key: Key(key), value: $0, deadline: deadline) }
        guard let item else { preconditionFailure("no memory for \(key)") }
        return item
    }

    static func make(_ key: String, _ value: String, until deadline: MonotonicTime? = nil) -> Item {
        make(key, Array(value.utf8), until: deadline)
    }

    var keyText: String { withKey { String(decoding: $0, as: UTF8.self) } }

    /// Which block it is; as long as it is alive.
    var identity: ObjectIdentifier { ObjectIdentifier(owner) }

    var storedText: String { withStoredValue { String(decoding: $0, as: UTF8.self) } }

    var rawValue: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: rawValueCount)
        bytes.withUnsafeMutableBytes { copyRawValue(into: $0) }
        return bytes
    }
}

/// A clock that stands still until it is told otherwise.
final class ManualClock: Sendable {
    private let nanoseconds: Atomic<Int64>

    init(seconds: Int64 = 1000) { nanoseconds = Atomic(seconds * 1_000_000_000) }

    var now: MonotonicTime {
        MonotonicTime(nanoseconds: nanoseconds.load(ordering: .relaxed))
    }

    func advance(by span: TimeSpan) { nanoseconds.add(span.nanoseconds, ordering: .relaxed) }
}
