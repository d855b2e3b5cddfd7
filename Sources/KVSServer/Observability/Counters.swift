import Synchronization

/// Numbers that one thread changes and any thread may read.
///
/// A change is a plain load and store: there is nobody else who changes them.
struct Counters: ~Copyable, @unchecked Sendable {
    // Safe: the elements are atomic, and the block is there as long as this is.
    private let numbers: UnsafeMutablePointer<Atomic<Int>>
    let count: Int

    init(_ count: Int) {
        self.count = count
        numbers = .allocate(capacity: count)
        for index in 0..<count { (numbers + index).initialize(to: Atomic(0)) }
    }

    deinit {
        numbers.deinitialize(count: count)
        numbers.deallocate()
    }

    @inline(__always)
    subscript(index: Int) -> Int { numbers[index].load(ordering: .relaxed) }

    /// For the thread whose numbers they are.
    @inline(__always)
    func add(_ amount: Int, at index: Int) {
        numbers[index].store(numbers[index].load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }

    @inline(__always)
    func set(_ value: Int, at index: Int) { numbers[index].store(value, ordering: .relaxed) }
}
