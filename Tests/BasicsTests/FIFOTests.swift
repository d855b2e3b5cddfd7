import TestSupport
import Testing

@testable import Basics

@Suite("FIFO")
struct FIFOTests {
    @Test("What came first is taken first, whatever is added between", arguments: 1...8)
    func order(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var queue = FIFO<Int>()
        var model: [Int] = []
        var next = 0
        for round in 0..<40 {
            // Now it grows, now it shrinks: through every way in which memory is used again.
            for _ in 0..<Int.random(in: 0...(round % 2 == 0 ? 300 : 20), using: &random) {
                queue.append(next)
                model.append(next)
                next += 1
            }
            for _ in 0..<Int.random(in: 0...(round % 2 == 0 ? 20 : 400), using: &random) {
                #expect(queue.first == model.first)
                #expect(queue.popFirst() == (model.isEmpty ? nil : model.removeFirst()))
                #expect(queue.count == model.count)
                #expect(queue.isEmpty == model.isEmpty)
            }
        }
        while let element = queue.popFirst() { #expect(element == model.removeFirst()) }
        #expect(model.isEmpty)
    }

    @Test("An empty one gives nothing, before and after it held something")
    func empty() {
        var queue = FIFO<String>()
        for _ in 0..<2 {
            #expect(queue.isEmpty && queue.count == 0 && queue.first == nil)
            #expect(queue.popFirst() == nil)
            queue.append("a")
            #expect(queue.popFirst() == "a")
        }
    }

    @Test("What was taken out is not held any longer")
    func releases() {
        final class Element {}
        var queue = FIFO<Element>()
        weak var first: Element?
        do {
            let element = Element()
            first = element
            queue.append(element)
        }
        queue.append(Element())
        #expect(first != nil)
        _ = queue.popFirst()
        #expect(first == nil)
    }
}
