import Testing

@testable import EventHTTP
@testable import Wire

@Suite("State of a connection: what comes next")
struct ConnectionStateStepTests {
    @Test("The next step", arguments: ConnectionStateSteps.all)
    func next(row: ConnectionStateSteps.Row) {
        var state = ConnectionState()
        state.phase = row.phase
        _ = state.beginTurn()
        row.change(&state)
        #expect([state.next(row.facts, isLate: false)] == [row.step])
    }

    @Test(
        "A turn that takes too long is over, and the clock is asked only where something was done"
    )
    func clock() {
        var state = ConnectionState()
        let facts = TestFacts(mayRead: true)
        _ = state.beginTurn()
        var steps = [state.next(facts, isLate: true)]
        for isLate in [false, true] {
            state.spend(bytes: 0)
            steps.append(state.next(facts, isLate: isLate))
        }
        #expect(steps == [.read, .read, .standInLine])
    }

    @Test("A turn has as many units as it may, and large bodies and replies take several")
    func units() {
        var state = ConnectionState()
        _ = state.beginTurn()
        for _ in 0..<ConnectionState.unitsPerTurn { state.spend(bytes: 32_767) }
        #expect(state.unitsLeft == 0)
        state.spend(bytes: 65_536)
        #expect(state.unitsLeft == -3)
    }

    @Test("Nothing else begins while something is done")
    func reentrancy() {
        var state = ConnectionState()
        #expect([state.beginTurn(), state.beginTurn()] == [true, false])
        state.endTurn()
        #expect([state.beginTurn()] == [true])
    }

    @Test("A turn has all its units, its patience and its last look anew")
    func turns() {
        var state = ConnectionState()
        _ = state.beginTurn()
        state.unitsLeft = -1
        state.flushesFirst = false
        state.isDrained = true
        state.lastLook = .taken
        state.endTurn()
        #expect(state.lastLook == .none)
        _ = state.beginTurn()
        #expect(state.unitsLeft == ConnectionState.unitsPerTurn)
        #expect(state.flushesFirst && !state.isDrained)
    }
}
