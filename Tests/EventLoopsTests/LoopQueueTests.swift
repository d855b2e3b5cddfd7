import Glibc
import Testing

@testable import Basics
@testable import EventLoops

/// A queue on a loop of its own.
// Safe: what is not a constant is used on the loop's thread only.
private final class Stage: @unchecked Sendable {
    /// Somebody whose turn it may be.
    final class Player: LoopTask {
        let name: String
        var isQueued = false
        private let play: (Player) -> Void

        init(_ name: String, _ play: @escaping (Player) -> Void) {
            self.name = name
            self.play = play
        }

        func takeTurn() { play(self) }
    }

    let loop: EventLoop
    private(set) var queue: LoopQueue?
    /// What happened, in order.
    var log: [String] = []
    var turnCount = 0

    init() throws {
        loop = try EventLoop(name: "queue test")
        queue = LoopQueue(on: loop)
        try loop.start()
    }

    /// Runs `body` on the loop's thread, in a pass of its own.
    func perform<Result: Sendable>(
        _ body: @escaping @Sendable (Stage) -> Result
    ) async -> Result {
        await withCheckedContinuation { continuation in
            loop.execute { continuation.resume(returning: body(self)) }
        }
    }

    /// Waits, pass by pass, until `condition` holds.
    func until(_ condition: @escaping @Sendable (Stage) -> Bool) async -> Bool {
        for _ in 0..<10_000 where await perform(condition) { return true }
        return false
    }

    func close() async {
        await perform { stage in
            stage.queue?.close()
            stage.queue = nil
        }
        loop.stop()
    }

    /// Puts a player at the end of the line who notes its turn and then does `more`.
    func add(_ name: String, _ more: @escaping (Player) -> Void = { _ in }) -> Player {
        let player = Player(name) { [unowned self] player in
            log.append(player.name)
            more(player)
        }
        queue?.append(player)
        return player
    }
}

/// Counts the passes in which the loop looks at its sockets: there is something new at each look.
private final class Passes: TransportHandler {
    private let near: Int32
    private let far: Int32
    private let turnCount: () -> Int
    private var transport: Transport?
    /// The turns so far, at each look.
    private(set) var looks: [Int] = []

    init(on loop: EventLoop, turnCount: @escaping () -> Int) throws {
        self.turnCount = turnCount
        var pair: (Int32, Int32) = (-1, -1)
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue)
        let status = withUnsafeMutablePointer(to: &pair) {
            $0.withMemoryRebound(to: Int32.self, capacity: 2) { socketpair(AF_UNIX, type, 0, $0) }
        }
        guard status == 0 else { throw SystemError("socketpair") }
        (near, far) = pair
        transport = Transport(descriptor: near, on: loop)
        try transport?.startWatching(for: self)
    }

    func transportIsReady() {
        looks.append(turnCount())
        var byte: UInt8 = 0
        _ = read(near, &byte, 1)
        _ = write(far, &byte, 1)
    }

    func end() {
        transport?.close()
        close(far)
    }
}

@Suite("LoopQueue")
struct LoopQueueTests {
    @Test("Turns come in order, with an empty stack, once for who is put in line twice")
    func order() async throws {
        let stage = try Stage()
        await stage.perform { stage in
            let first = stage.add("a")
            _ = stage.add("b")
            stage.queue?.append(first)
            _ = stage.add("c")
            stage.queue?.append(first)
            stage.log.append("all are in line")
        }
        #expect(await stage.until { $0.log.count >= 4 })
        // What was too much would come now.
        for _ in 0..<3 { await stage.perform { _ in } }
        #expect(await stage.perform(\.log) == ["all are in line", "a", "b", "c"])
        await stage.close()
    }

    @Test("Who has had a turn may stand in line again, behind the others")
    func again() async throws {
        let stage = try Stage()
        await stage.perform { stage in
            var turns = 0
            _ = stage.add("a") { player in
                turns += 1
                if turns < 3 { stage.queue?.append(player) }
            }
            _ = stage.add("b") { _ in
                _ = stage.add("d")
                stage.log.append("b's turn goes on")
            }
            _ = stage.add("c")
        }
        #expect(await stage.until { $0.log.count >= 7 })
        #expect(
            await stage.perform(\.log) == ["a", "b", "b's turn goes on", "c", "a", "d", "a"]
        )
        // The line was empty in between: it goes on as before.
        await stage.perform { stage in _ = stage.add("e") }
        #expect(await stage.until { $0.log.last == "e" })
        await stage.close()
    }

    @Test(
        "32 turns at most come between two looks at the sockets",
        arguments: [1, 100]
    )
    func boundedTurns(players: Int) async throws {
        let stage = try Stage()
        let passes = try await stage.perform { stage in
            Result {
                for number in 0..<players {
                    let player = Stage.Player("\(number)") { player in
                        stage.turnCount += 1
                        stage.queue?.append(player)
                    }
                    stage.queue?.append(player)
                }
                return Unchecked(try Passes(on: stage.loop) { stage.turnCount })
            }
        }.get()
        #expect(await stage.until { _ in passes.value.looks.count >= 50 })
        let looks = await stage.perform { _ in
            passes.value.end()
            return passes.value.looks
        }
        let between = zip(looks, looks.dropFirst()).map { $1 - $0 }
        #expect(between.allSatisfy { $0 <= 32 }, "\(between)")
        #expect(between.contains(32), "as many as there may be, in one pass: \(between)")
        await stage.close()
    }

    /// In runs of one turn each, somebody who is alone in line had all 32 of them.
    @Test("No turn begins 2 ms after the first one of a pass, in whatever run of that")
    func boundedTime() async throws {
        let stage = try Stage()
        let passes = try await stage.perform { stage in
            Result {
                let player = Stage.Player("slow") { player in
                    stage.turnCount += 1
                    usleep(1000)
                    stage.queue?.append(player)
                }
                stage.queue?.append(player)
                return Unchecked(try Passes(on: stage.loop) { stage.turnCount })
            }
        }.get()
        #expect(await stage.until { _ in passes.value.looks.count >= 50 })
        let looks = await stage.perform { _ in
            passes.value.end()
            return passes.value.looks
        }
        let between = zip(looks, looks.dropFirst()).map { $1 - $0 }
        // A turn takes a millisecond or more.
        #expect(between.allSatisfy { $0 <= 2 }, "\(between)")
        await stage.close()
    }

    @Test("Once it is closed nobody has a turn, and nobody stands in line")
    func closed() async throws {
        let stage = try Stage()
        let areQueued = await stage.perform { stage in
            let players = [stage.add("a"), stage.add("b")]
            stage.queue?.close()
            return players.map(\.isQueued)
        }
        #expect(areQueued == [false, false])
        for _ in 0..<3 { await stage.perform { _ in } }
        #expect(await stage.perform(\.log) == [])
        await stage.close()
    }
}

/// Goes to the loop's thread and back.
// Safe: its value is used on the loop's thread only.
private struct Unchecked<Value>: @unchecked Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }
}
