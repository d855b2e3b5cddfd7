package import Basics

/// What is still to happen, the earliest in front; at the same time, in the order in which it was added.
package struct TimedQueue<Event> {
    private struct Entry {
        let time: Int64
        let order: UInt64
        let event: Event

        static func < (left: Entry, right: Entry) -> Bool {
            left.time != right.time ? left.time < right.time : left.order < right.order
        }
    }

    private var heap: [Entry] = []
    private var count: UInt64 = 0

    package init() {}

    package mutating func append(_ event: Event, at time: MonotonicTime) {
        count += 1
        let entry = Entry(time: time.nanoseconds, order: count, event: event)
        heap.append(entry)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entry < heap[parent] else { break }
            heap[child] = heap[parent]
            child = parent
        }
        heap[child] = entry
    }

    package mutating func popFirst() -> (time: MonotonicTime, event: Event)? {
        guard let last = heap.popLast() else { return nil }
        guard let first = heap.first else {
            return (MonotonicTime(nanoseconds: last.time), last.event)
        }
        var parent = 0
        while true {
            var child = parent * 2 + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
            guard heap[child] < last else { break }
            heap[parent] = heap[child]
            parent = child
        }
        heap[parent] = last
        return (MonotonicTime(nanoseconds: first.time), first.event)
    }
}
