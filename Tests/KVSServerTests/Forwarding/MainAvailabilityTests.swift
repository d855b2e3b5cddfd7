import Testing

@testable import KVSServer

@Suite("MainAvailability")
struct MainAvailabilityTests {
    @Test("One silence is news, further ones are not; an answer ends it")
    func news() {
        var availability = MainAvailability()
        let early = availability.hasAnswered()
        let first = availability.hasTimedOut()
        let second = availability.hasTimedOut()
        #expect([early, first, second] == [false, true, false])
        #expect(availability.state == .silent)
        let answer = availability.hasAnswered()
        #expect(answer)
        #expect(availability.state == .present)
    }

    @Test("One probe at a time, and only while the main is silent")
    func probes() {
        var availability = MainAvailability()
        var began = [availability.beginProbe()]
        _ = availability.hasTimedOut()
        began += [availability.beginProbe(), availability.beginProbe()]
        availability.endProbe()
        began.append(availability.beginProbe())
        #expect(began == [false, true, false, true])
    }
}
