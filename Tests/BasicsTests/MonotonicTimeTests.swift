import Testing

@testable import Basics

@Suite("MonotonicTime and TimeSpan")
struct MonotonicTimeTests {
    @Test(
        "A time and a span give a time, the distant future where that cannot be told",
        arguments: [
            (0, 0, 0), (5, 7, 12), (5, -7, -2), (-5, -7, -12), (.max - 1, 1, .max),
            (.max - 1, 2, .max), (.max, 1, .max), (.max, .max, .max), (1, .max, .max),
            (.max, 0, .max),
            (.max, -1, .max - 1), (.min, .max, -1),
        ] as [(Int64, Int64, Int64)]
    )
    func sum(time: Int64, span: Int64, expected: Int64) {
        let sum = MonotonicTime(nanoseconds: time) + TimeSpan(nanoseconds: span)
        #expect(sum == MonotonicTime(nanoseconds: expected))
    }

    @Test("The difference of two times is a span, back and forth")
    func difference() {
        let (early, late) = (MonotonicTime(nanoseconds: -3), MonotonicTime(nanoseconds: 4))
        #expect(late - early == TimeSpan(nanoseconds: 7))
        #expect(early - late == TimeSpan(nanoseconds: -7))
        #expect(early + (late - early) == late)
        #expect(early < late && !(late < early) && late <= .distantFuture)
    }

    @Test(
        "A duration becomes a span of whole nanoseconds; what is too long is 292 years",
        arguments: [
            (.zero, 0), (.nanoseconds(1), 1), (.seconds(3), 3_000_000_000),
            (.milliseconds(1500), 1_500_000_000), (.milliseconds(-1500), -1_500_000_000),
            (Duration(secondsComponent: 1, attosecondsComponent: 1_999_999_999), 1_000_000_001),
            (Duration(secondsComponent: 0, attosecondsComponent: -1_999_999_999), -1),
            (.nanoseconds(Int64.max), .max), (.seconds(9_223_372_036), 9_223_372_036_000_000_000),
            // The seconds fit, and the nanoseconds behind them do not.
            (.seconds(9_223_372_036) + .milliseconds(900), .max),
            (.seconds(9_223_372_037), .max), (.seconds(Int64.max), .max),
            (.seconds(-9_223_372_036) - .milliseconds(900), .min), (.seconds(Int64.min), .min),
        ] as [(Duration, Int64)]
    )
    func span(duration: Duration, expected: Int64) {
        #expect(TimeSpan(duration).nanoseconds == expected)
    }

    @Test("Spans are counted in their units, compared, added and multiplied")
    func arithmetic() {
        #expect(TimeSpan.seconds(2) == .milliseconds(2000))
        #expect(TimeSpan.milliseconds(1).nanoseconds == 1_000_000)
        #expect(TimeSpan.milliseconds(3) - .milliseconds(5) == .milliseconds(-2))
        #expect(TimeSpan.milliseconds(3) + .milliseconds(5) == .milliseconds(8))
        #expect(TimeSpan.milliseconds(3) * 5 == .milliseconds(15))
        #expect(TimeSpan.milliseconds(-1) < .zero && .zero < TimeSpan.milliseconds(1))
    }

    @Test("The clock goes on")
    func clock() {
        let first = MonotonicTime.now
        #expect(first.nanoseconds > 0)
        #expect(MonotonicTime.now >= first)
    }
}
