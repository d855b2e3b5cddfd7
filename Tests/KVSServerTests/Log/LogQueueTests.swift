import Glibc
import Testing

@testable import Basics
@testable import KVSServer

@Suite("The log's queue", .timeLimit(.minutes(10)))
struct LogQueueTests {
    private static func makePipe() -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        return (ends[0], ends[1])
    }

    @Test("What does not fit is counted, and told behind the lines that did")
    func dropped() throws {
        let ends = Self.makePipe()
        let queue = try LogQueue(descriptor: ends.write) { "\($0) lost, because \($1)\n" }
        let line = Array((String(repeating: "a", count: 1023) + "\n").utf8)
        let count = 1000
        for _ in 0..<count { queue.append(line) }
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        var (whole, lost) = (0, 0)
        // There may be a second notice: where this thread had to wait between two lines.
        while whole + lost < count {
            let got = read(ends.read, &chunk, chunk.count)
            try #require(got > 0)
            text += chunk[..<got]
            while let end = text.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: text[..<end], as: UTF8.self)
                text.removeFirst(end + 1)
                if line.utf8.count == 1023 {
                    whole += 1
                } else {
                    let number = try #require(line.split(separator: " ").first.flatMap { Int($0) })
                    #expect(line == "\(number) lost, because nobody read them")
                    lost += number
                }
            }
        }
        #expect(whole + lost == count && text.isEmpty)
        // 256 KiB wait, and the pipe holds 64 KiB.
        #expect((256..<count / 2).contains(whole))
        queue.append(line)
        queue.finish()
        #expect(read(ends.read, &chunk, chunk.count) == 1024)
    }

    /// The process ended where the queue had to grow, and a client was refused for lack of memory.
    @Test("It takes no memory for lines: its blocks are there from the beginning, and stay")
    func room() throws {
        let ends = Self.makePipe()
        let capacity = 65_536
        let queue = try LogQueue(descriptor: ends.write, capacity: capacity) { "\($0) \($1)\n" }
        let room = queue.roomBytes
        #expect(room >= capacity)
        let line = Array((String(repeating: "a", count: 99) + "\n").utf8)
        var chunk = [UInt8](repeating: 0, count: 65_536)
        for _ in 0..<4 {
            for _ in 0..<2000 { queue.append(line) }
            #expect(queue.roomBytes >= capacity)
            // Until there is a notice, the thread has taken what waited.
            var text = ""
            while !text.contains("nobody read them") {
                let got = read(ends.read, &chunk, chunk.count)
                try #require(got > 0)
                text = String(text.suffix(200)) + String(decoding: chunk[..<got], as: UTF8.self)
            }
            #expect(queue.roomBytes >= capacity)
        }
    }

    @Test("A disk that is full: the lines are counted, and nothing ends")
    func noSpace() throws {
        let full = open("/dev/full", O_WRONLY | O_CLOEXEC)
        defer { close(full) }
        let reasons = LockedValue<[String]>([])
        let queue = try LogQueue(descriptor: full) { count, reason in
            reasons.withLock { $0.append("\(count) \(reason)") }
            return "notice\n"
        }
        for _ in 0..<3 {
            queue.append("line\n".utf8)
            queue.finish()
        }
        let seen = reasons.withLock { $0 }
        #expect(seen == ["1 No space left on device", "2 No space left on device"])
    }

    /// Lines that had been written were counted as lost, and the notice stood behind half a line.
    @Test(
        "Where a disk is full in the middle, what is whole there is not lost, and each line is one"
    )
    func fullInTheMiddle() throws {
        let disk = LockedValue((bytes: [UInt8](), room: 25))
        let queue = try LogQueue(
            descriptor: -1,
            capacity: 4096,
            notice: { "\($0) lost: \($1)\n" },
            put: { _, bytes in
                disk.withLock { disk in
                    let count = min(bytes.count, disk.room)
                    disk.room -= count
                    disk.bytes += bytes[..<count]
                    if count == 0 { errno = ENOSPC }
                    return count == 0 ? -1 : count
                }
            }
        )
        // Three lines at once, of which one is whole there and one in part.
        queue.append("aaaaaaaaaaaaaaa\nbbbbbbbbbbbbbbb\nccccccccccccccc\n".utf8)
        queue.finish()
        #expect(queue.droppedCount == 2)
        disk.withLock { $0.room = 1000 }
        queue.append("d\n".utf8)
        queue.finish()
        let lines = String(decoding: disk.withLock { $0.bytes }, as: UTF8.self)
        let expected = "aaaaaaaaaaaaaaa\nbbbbbbbbb\n2 lost: No space left on device\nd\n"
        #expect(lines == expected)
    }

    @Test("A descriptor that somebody made non-blocking loses nothing")
    func nonBlocking() throws {
        let ends = Self.makePipe()
        _ = fcntl(ends.write, F_SETFL, O_NONBLOCK)
        let queue = try LogQueue(descriptor: ends.write) { "\($0) \($1)" }
        let line = Array((String(repeating: "a", count: 1023) + "\n").utf8)
        for _ in 0..<200 { queue.append(line) }
        var left = 200 * 1024
        var chunk = [UInt8](repeating: 0, count: 4096)
        while left > 0 {
            let got = read(ends.read, &chunk, chunk.count)
            #expect(got > 0)
            guard got > 0 else { break }
            left -= got
        }
        #expect(left == 0)
    }

    @Test("The same line is written ten times a minute")
    func repeated() {
        var lines = RepeatedLines()
        let verdicts = (0..<12).map { _ in lines.verdict(on: "a", atSecond: 5) }
        #expect(verdicts.prefix(9).allSatisfy { $0 == .write })
        #expect(verdicts.suffix(3) == [.last, .leaveOut, .leaveOut])
        #expect(lines.verdict(on: "b", atSecond: 5) == .write)
        #expect(lines.verdict(on: "a", atSecond: 65) == .write)
    }
}
