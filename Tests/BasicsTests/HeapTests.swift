import Testing

@testable import Basics

@Suite("Heap")
struct HeapTests {
    /// It takes long, and is asked for with each write that finds no room.
    @Test("What is free is given back now and then, not whenever that is asked for")
    func trim() {
        let count = (0..<1000).count { _ in Heap.trim() }
        #expect((1..<1000).contains(count))
    }
}
