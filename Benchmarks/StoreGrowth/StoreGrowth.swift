import Basics
import Glibc

@testable import KVSStore

/// Grows a store in this process and prints what that takes, and for how long lists and expiry hold
/// it: `StoreGrowth [keys, default 10000000]`.
///
/// Keys are 16 bytes, values 64. Each change is timed alone, with the making of its item, by the
/// clock on the wall and by the thread's own: on a machine with other work, the first one's largest
/// figures are the scheduler's.
///
/// It stands in no target. At the top of the tree:
///
///     . scripts/lib.sh; mkdir -p .build/growth
///     for module in Basics Wire KVSStore; do compile_module . $module .build/growth -enable-testing; done
///     compile_swift -I .build/growth -o .build/growth/grow Benchmarks/StoreGrowth/*.swift .build/growth/*.o
@main
enum StoreGrowth {
    static func main() {
        let keys = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 10_000_000
        var timings = Timings(capacity: keys)
        let first = KeyValueStore(maxBytes: .max)
        _ = first.withExclusiveAccess { $0.put(item(0)) }
        _ = residentBytes()  // The first call loads what reading a file takes.
        let bare = residentBytes()
        let store = KeyValueStore(maxBytes: .max)
        print("empty store: \(residentBytes() - bare) bytes of memory")
        grow(store, keys: keys, bare: bare, &timings)
        let order = Permutation(count: keys)
        read(store, order: order)
        replace(store, order: order)
        list(store, keys: keys, &timings)
        remove(store, order: order, bare: bare, &timings)
        expire(keys: keys, bare: bare, &timings)
    }

    static func grow(_ store: KeyValueStore, keys: Int, bare: Int, _ timings: inout Timings) {
        for number in 0..<keys {
            timings.measure {
                let item = item(number)
                _ = store.withExclusiveAccess { $0.put(item) }
            }
            if (number + 1) % (keys / 10) == 0 {
                let (footprint, data) = store.withExclusiveAccess { ($0.footprint, $0.dataBytes) }
                print(
                    "\(number + 1) keys: per key",
                    "\(tenths(residentBytes() - bare, number + 1)) bytes of memory,",
                    "\(tenths(footprint, number + 1)) footprint,",
                    "\(tenths(data, number + 1)) data"
                )
            }
        }
        timings.report("put, new")
    }

    static func read(_ store: KeyValueStore, order: Permutation) {
        let start = now()
        var bytes = 0
        for number in order {
            let key = key(number)
            let item = store.withExclusiveAccess { $0.item(for: key) }
            bytes += item?.storedValue.count ?? 0
        }
        precondition(bytes == order.count * 64)
        print("get, random order: \((now() - start) / order.count) ns")
        let again = now()
        for number in 0..<order.count {
            let key = key(number % 1000)
            bytes += store.withExclusiveAccess { $0.item(for: key) }?.storedValue.count ?? 0
        }
        print("get, of 1000 keys: \((now() - again) / order.count) ns")
        let made = now()
        for number in 0..<order.count { bytes += key(number).count }
        print("  of that, making the key: \((now() - made) / order.count) ns")
        let entered = now()
        for _ in 0..<order.count { bytes += store.withExclusiveAccess { $0.dataBytes & 1 } }
        print("  of that, entering and leaving: \((now() - entered) / order.count) ns", bytes & 1)
    }

    static func replace(_ store: KeyValueStore, order: Permutation) {
        let start = now()
        for number in order {
            let item = item(number)
            _ = store.withExclusiveAccess { $0.put(item) }
        }
        print("put, replacing, random order: \((now() - start) / order.count) ns")
    }

    /// Goes through all keys in pages of 10,000, and times what holds the store: each batch alone.
    static func list(_ store: KeyValueStore, keys: Int, _ timings: inout Timings) {
        timings.forget()
        var found: [HashTable.Listed] = []
        found.reserveCapacity(HashTable.listedCapacity)
        var (listed, pages, inPage) = (0, 1, 0)
        var position: UInt64? = 0
        let start = now()
        while let from = position {
            found.removeAll(keepingCapacity: true)
            timings.measure {
                position = store.withExclusiveAccess {
                    $0.scan(from: from, into: &found, limit: 10_000 - inPage, prefix: nil)
                }
            }
            listed += found.count
            inPage += found.count
            if inPage >= 10_000 { (pages, inPage) = (pages + 1, 0) }
        }
        precondition(listed == keys)
        print("list: \(pages) pages in \((now() - start) / 1_000_000) ms")
        timings.report("list, one batch")
    }

    /// Lets all keys but one in ten go at the same moment, and times each step of that.
    static func expire(keys: Int, bare: Int, _ timings: inout Timings) {
        let store = KeyValueStore(maxBytes: .max)
        let deadline = MonotonicTime.now
        for number in 0..<keys {
            let item = item(number, until: number % 10 == 0 ? nil : deadline)
            _ = store.withExclusiveAccess { $0.put(item) }
        }
        print("with a time to live: \(tenths(residentBytes() - bare, keys)) bytes per key")
        timings.forget()
        let sweep = ExpirySweep(of: store)
        sleep(1)
        var hasMore = true
        let start = now()
        while hasMore { timings.measure { hasMore = sweep.step() } }
        print("expire: \(keys - keys / 10) keys in \((now() - start) / 1_000_000) ms")
        timings.report("expire, one step")
        print("memory after: \(residentBytes() - bare) bytes")
    }

    static func remove(
        _ store: KeyValueStore,
        order: Permutation,
        bare: Int,
        _ timings: inout Timings
    ) {
        timings.forget()
        for number in order {
            let key = key(number)
            timings.measure { _ = store.withExclusiveAccess { $0.remove(key) } }
        }
        timings.report("remove, random order")
        let left = store.withExclusiveAccess { [$0.count, $0.dataBytes, $0.footprint] }
        print("count, data, footprint after: \(left); memory \(residentBytes() - bare) bytes")
    }

    /// Durations of single calls, in nanoseconds.
    struct Timings {
        private var wall: [UInt32]
        private var thread: [UInt32]
        private var count = 0

        init(capacity: Int) {
            wall = Array(repeating: 0, count: capacity)
            thread = Array(repeating: 0, count: capacity)
        }

        mutating func forget() { count = 0 }

        mutating func measure(_ body: () -> Void) {
            let wallStart = now(CLOCK_MONOTONIC)
            let threadStart = now(CLOCK_THREAD_CPUTIME_ID)
            body()
            thread[count] = UInt32(clamping: now(CLOCK_THREAD_CPUTIME_ID) - threadStart)
            wall[count] = UInt32(clamping: now(CLOCK_MONOTONIC) - wallStart)
            count += 1
        }

        mutating func report(_ name: String) {
            for (clock, sorted) in [
                ("wall", wall[..<count].sorted()), ("thread", thread[..<count].sorted()),
            ] {
                let mean = sorted.reduce(0) { $0 + Int($1) } / sorted.count
                let at = { (share: Double) in sorted[Int(Double(sorted.count - 1) * share)] }
                print(
                    "\(name), \(clock): mean \(mean) ns, p50 \(at(0.5)) ns, p99 \(at(0.99)) ns,",
                    "p99.99 \(at(0.9999)) ns, largest \(sorted.suffix(5).map { $0 / 1000 }) µs"
                )
            }
        }
    }

    /// The numbers below `count`, each once, in an order that caches do not like.
    struct Permutation: Sequence {
        let count: Int

        func makeIterator() -> AnyIterator<Int> {
            // A prime larger than any count here, so that the multiples go round through all.
            let step = 2_654_435_761 % count | 1
            var position = 0
            var left = gcd(step, count) == 1 ? count : 0
            precondition(left > 0, "choose another number of keys")
            return AnyIterator {
                guard left > 0 else { return nil }
                left -= 1
                position = (position + step) % count
                return position
            }
        }

        private func gcd(_ a: Int, _ b: Int) -> Int { b == 0 ? a : gcd(b, a % b) }
    }

    static func key(_ number: Int) -> Key {
        withUnsafeTemporaryAllocation(byteCount: 16, alignment: 8) { bytes in
            write(number, to: bytes)
            guard let key = try? Key(UnsafeRawBufferPointer(bytes)) else { fatalError("no key") }
            return key
        }
    }

    static func item(_ number: Int, until deadline: MonotonicTime? = nil) -> Item {
        let key = key(number)
        return withUnsafeTemporaryAllocation(byteCount: 64, alignment: 8) { bytes in
            for offset in 0..<64 { bytes[offset] = UInt8(ascii: "v") }
            let value = UnsafeRawBufferPointer(bytes)
            guard let item = Item.make(key: key, value: value, deadline: deadline) else {
                fatalError("no memory")
            }
            return item
        }
    }

    private static func write(_ number: Int, to bytes: UnsafeMutableRawBufferPointer) {
        var rest = number
        for offset in (0..<16).reversed() {
            bytes[offset] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
    }

    static func now(_ clock: clockid_t = CLOCK_THREAD_CPUTIME_ID) -> Int {
        var time = timespec()
        clock_gettime(clock, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    /// From `/proc/self/statm`, whose second number is in pages.
    static func residentBytes() -> Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, 128, file) != nil else { return 0 }
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8($0) }, as: UTF8.self)
        return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
    }

    static func tenths(_ total: Int, _ count: Int) -> Double {
        Double(total * 10 / count) / 10
    }
}
