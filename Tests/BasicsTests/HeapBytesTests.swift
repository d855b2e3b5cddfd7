import TestSupport
import Testing

@testable import Basics

@Suite("HeapBytes")
struct HeapBytesTests {
    private static func append(_ bytes: [UInt8], to heap: inout HeapBytes) {
        let isAppended = withExactBytes(bytes) { heap.append($0) }
        #expect(isAppended)
    }

    private static func content(_ heap: borrowing HeapBytes) -> [UInt8] { Array(heap.bytes) }

    @Test("Bytes come out as they went in, whatever is added and dropped", arguments: 1...20)
    func model(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var heap = HeapBytes()
        var model: [UInt8] = []
        for _ in 0..<300 {
            switch Int.random(in: 0..<8, using: &random) {
            case 0..<4:
                let added = random.bytes(
                    Int.random(in: 0...[3, 200, 3000][Int(seed) % 3], using: &random)
                )
                Self.append(added, to: &heap)
                model += added
            case 4:
                let count = Int.random(in: 0...(model.count + 2), using: &random)
                heap.truncate(to: count)
                model.removeLast(max(0, model.count - count))
            case 5:
                let count = Int.random(in: 0...model.count, using: &random)
                heap.removeFirst(count)
                model.removeFirst(count)
            case 6:
                heap.removeAll(keepingAtMost: Int.random(in: 0...300, using: &random))
                model = []
            default:
                guard let index = model.indices.randomElement(using: &random) else { break }
                let byte = heap[index]
                #expect(byte == model[index])
                heap[index] = byte ^ 0xFF
                model[index] = byte ^ 0xFF
            }
            let (count, isEmpty) = (heap.count, heap.isEmpty)
            #expect(count == model.count && isEmpty == model.isEmpty)
            if Self.content(heap) != model { Issue.record("other bytes than those that went in") }
        }
    }

    @Test(
        "A C string has the bytes, and a NUL behind them that is none",
        arguments: [0, 1, 127, 128, 129, 256]
    )
    func cString(count: Int) {
        var heap = HeapBytes()
        // What stood behind the end before does not show.
        Self.append([UInt8](repeating: UInt8(ascii: "y"), count: 300), to: &heap)
        heap.removeAll(keepingAtMost: 0)
        Self.append([UInt8](repeating: UInt8(ascii: "x"), count: count), to: &heap)
        let string = heap.cString().map { String(cString: $0) }
        #expect(string == String(repeating: "x", count: count))
        let kept = heap.count
        #expect(kept == count)
        Self.append([UInt8]("z"), to: &heap)
        let content = Self.content(heap)
        #expect(content == [UInt8](repeating: UInt8(ascii: "x"), count: count) + [UInt8]("z"))
    }

    @Test("What was dropped behind the end does not show in a C string")
    func truncatedCString() {
        var heap = HeapBytes()
        Self.append([UInt8]("hello"), to: &heap)
        heap.truncate(to: 4)
        let string = heap.cString().map { String(cString: $0) }
        #expect(string == "hell")
    }

    @Test("The memory of what is dropped is kept up to a limit, and given back beyond it")
    func memory() {
        var heap = HeapBytes()
        func hasMemory(_ heap: borrowing HeapBytes) -> Bool { heap.bytes.baseAddress != nil }
        var isThere = hasMemory(heap)
        #expect(!isThere, "nothing is taken before it is needed")
        for (count, kept, expected) in [
            (1000, 1000, true), (1000, 999, false), (1, 128, true), (1, 127, false), (5, 0, false),
        ] {
            heap.removeAll(keepingAtMost: 0)
            Self.append([UInt8](repeating: 1, count: count), to: &heap)
            heap.removeAll(keepingAtMost: kept)
            isThere = hasMemory(heap)
            #expect(isThere == expected, "\(count) bytes, of which \(kept) may be kept")
            let isEmpty = heap.isEmpty
            #expect(isEmpty)
        }
    }

    @Test(
        "Where there is no memory for more, that is told, and what was there stays",
        // Sanitizers end the process instead.
        .enabled(if: HeapFixtures.isGlibc, Comment(rawValue: HeapFixtures.otherHeap))
    )
    func noMemory() {
        var heap = HeapBytes()
        Self.append([UInt8]("hello"), to: &heap)
        // More than any address space has; nothing is read of it.
        let endless = UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: 8), count: 1 << 60)
        let isAppended = heap.append(endless)
        #expect(!isAppended)
        let content = Self.content(heap)
        #expect(content == [UInt8]("hello"))
        Self.append([UInt8](", you"), to: &heap)
        let more = Self.content(heap)
        #expect(more == [UInt8]("hello, you"))
    }

    @Test("Memory grows by factors: a million bytes one by one are moved few times")
    func growth() {
        var heap = HeapBytes()
        var moves = 0
        var address: UnsafeRawPointer?
        let byte = [UInt8]("x")
        for _ in 0..<1_000_000 {
            _ = byte.withUnsafeBytes { heap.append($0) }
            let present = heap.bytes.baseAddress
            if present != address { moves += 1 }
            address = present
        }
        let count = heap.count
        #expect(count == 1_000_000 && moves <= 14)
    }
}
