import Basics
import EventLoops
import Wire

@testable import EventHTTP

#if canImport(TestSupport)
    import TestSupport
#endif

/// What happens in one schedule, drawn from its seed.
struct ServerScenario {
    struct Client {
        var requests: [SimulatedRequest]
        /// Sends without waiting for replies.
        var pipelines: Bool
        /// The largest piece that is sent at once, in bytes.
        var piece: Int
        /// The time between two pieces.
        var pause: TimeSpan
        /// The most that it reads at once.
        var reading: Int
        var readingPause: TimeSpan
        var window: Int
        /// Reads nothing from some time on.
        var stopsReading: TimeSpan?
        var resets: TimeSpan?
        /// Ends its half once everything is sent.
        var finishes: Bool
        /// Goes away when it has heard all that it wants to.
        var leaves: Bool

        /// Whether it does its part in time.
        var isGood: Bool { stopsReading == nil && resets == nil }
    }

    var limits: HTTPLimits
    var clients: [Client] = []
    var budget: Int
    /// Of ten thousand calls that may fail for want of memory, so many do.
    var failures: Int
    /// How late the loop may hear of what the kernel has.
    var lateness: TimeSpan
    var drainsAt: TimeSpan?
    var closesAt: TimeSpan?

    init(drawnWith random: inout SeededGenerator) {
        limits = HTTPLimits(
            request: .init(bodyBytes: 12_000),
            requestTicks: 30,
            idleTicks: 12,
            lingerTicks: 20
        )
        limits.watchdogTicks = 5
        budget = random.chance(25) ? random.number(5000, 20_000) : 1 << 30
        failures = random.chance(20) ? random.number(1, 400) : 0
        lateness = random.chance(35) ? .milliseconds(60) : .milliseconds(1)
        if random.chance(40) { drainsAt = random.span(0, 1500) }
        if random.chance(8) { closesAt = random.span(0, 2500) }
        for index in 0..<random.number(1, 3) {
            var requests: [SimulatedRequest] = []
            let count = random.chance(4) ? 40 : random.number(1, 5)
            for number in 0..<count {
                requests.append(
                    SimulatedRequest(
                        name: "c\(index)-\(number)",
                        limits: limits,
                        isOfMany: count > 5,
                        drawnWith: &random
                    )
                )
            }
            let isSlow = random.chance(30)
            clients.append(
                Client(
                    requests: requests,
                    pipelines: random.chance(60),
                    piece: [1 << 20, 4000, 700, 90][random.below(4)],
                    pause: isSlow ? random.span(0, 7) : .zero,
                    reading: [1 << 20, 3000, 500][random.below(3)],
                    readingPause: random.chance(30) ? random.span(0, 30) : .zero,
                    window: [1 << 20, 8000, 900][random.below(3)],
                    stopsReading: random.chance(8) ? random.span(0, 300) : nil,
                    resets: random.chance(8) ? random.span(0, 800) : nil,
                    finishes: random.chance(20),
                    leaves: random.chance(50)
                )
            )
        }
    }

    /// Whether nothing is short, and everything goes on.
    var isGood: Bool { failures == 0 && budget == 1 << 30 && closesAt == nil && drainsAt == nil }
}
