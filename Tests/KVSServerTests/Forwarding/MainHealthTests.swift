import Testing

@testable import Basics
@testable import KVSServer

@Suite("MainHealth")
struct MainHealthTests {
    private static func at(_ milliseconds: Int64) -> MonotonicTime {
        MonotonicTime(nanoseconds: milliseconds * 1_000_000)
    }

    @Test("One silence is news, further ones are not; an answer ends it")
    func news() {
        var health = MainHealth()
        let early = health.hasAnswered(at: Self.at(0))
        let first = health.hasWaitedInVain(since: Self.at(1), until: Self.at(100))
        let second = health.hasWaitedInVain(since: Self.at(2), until: Self.at(101))
        #expect([early, first, second] == [false, true, false])
        #expect(health.state == .silent)
        #expect(health.silences == 1)
        let answer = health.hasAnswered(at: Self.at(200))
        #expect(answer)
        #expect(health.state == .present)
    }

    @Test("A main that has answered something meanwhile is slow, not silent")
    func slow() {
        var health = MainHealth()
        _ = health.hasAnswered(at: Self.at(50))
        let isNews = health.hasWaitedInVain(since: Self.at(50), until: Self.at(100))
        #expect(!isNews)
        #expect(health.state == .present)
    }

    @Test("Probes are due while the main is silent: at once, then at intervals")
    func probes() {
        var health = MainHealth(probeInterval: .milliseconds(50))
        #expect(health.nextProbe == nil)
        _ = health.hasWaitedInVain(since: Self.at(1), until: Self.at(100))
        #expect(health.nextProbe == Self.at(100))
        health.probeHasBegun(at: Self.at(103))
        #expect(health.nextProbe == Self.at(153))
        _ = health.hasAnswered(at: Self.at(120))
        #expect(health.nextProbe == nil)
    }

    @Test("Where nobody asks, probes become rare; a question brings the next one near")
    func rareProbes() {
        var health = MainHealth(probeInterval: .milliseconds(50))
        _ = health.hasWaitedInVain(since: Self.at(1), until: Self.at(100))
        health.probeHasBegun(at: Self.at(10_099))
        #expect(health.nextProbe == Self.at(10_149))
        health.probeHasBegun(at: Self.at(10_100))
        #expect(health.nextProbe == Self.at(10_600))
        health.hasBeenAsked(at: Self.at(10_200))
        #expect(health.nextProbe == Self.at(10_150))
    }

    @Test("An answer to somebody else ends no silence, and says that the main is not silent since")
    func answerToSomebodyElse() {
        var health = MainHealth()
        health.note(answerAt: Self.at(50))
        // An older one that is heard of later changes nothing.
        health.note(answerAt: Self.at(40))
        #expect(health.lastAnswer == Self.at(50))
        let isEarly = health.hasWaitedInVain(since: Self.at(45), until: Self.at(90))
        #expect(!isEarly)
        let isSilent = health.hasWaitedInVain(since: Self.at(51), until: Self.at(100))
        #expect(isSilent)
        health.note(answerAt: Self.at(200))
        #expect(health.state == .silent)
        let isNews = health.hasAnswered(at: Self.at(201))
        #expect(isNews)
    }
}
