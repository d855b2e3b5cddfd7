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

    @Test("Probes are sent only while the main is silent, and a bounded number at a time")
    func probes() {
        var availability = MainAvailability()
        let early = availability.beginProbe()
        #expect(!early)
        _ = availability.hasTimedOut()
        for _ in 0..<MainAvailability.maximumProbes {
            let began = availability.beginProbe()
            #expect(began)
        }
        let oneTooMany = availability.beginProbe()
        #expect(!oneTooMany)
        availability.endProbe()
        let afterwards = availability.beginProbe()
        #expect(afterwards)
    }
}
