import Testing

@testable import Basics
@testable import EventHTTP
@testable import KVSServer
@testable import Wire

@Suite("What a loop counts")
struct LoopMetricsTests {
    private final class Details: RequestDetails {
        let targetIfKnown: UnsafeRawBufferPointer? = nil
        let peerHost = UnsafeRawBufferPointer(start: nil, count: 0)
        let requestID = UnsafeRawBufferPointer(start: nil, count: 0)
    }

    private static func record(
        _ method: HTTPMethod? = .get,
        label: UInt8 = 1,
        nanoseconds: Int64 = 0,
        status: Int? = 200,
        refusal: Refusal? = nil
    ) -> RequestRecord {
        RequestRecord(
            method: method,
            label: label,
            start: MonotonicTime(nanoseconds: 1000),
            handedOver: nil,
            end: MonotonicTime(nanoseconds: 1000 + nanoseconds),
            status: status,
            refusal: refusal,
            contentBytes: 3,
            bodyBytes: 7
        )
    }

    @Test("A duration falls into the first bucket that it is not longer than")
    func buckets() {
        let metrics = LoopMetrics(next: nil)
        for bound in LoopMetrics.bounds {
            for nanoseconds in [bound.nanoseconds, bound.nanoseconds + 1] {
                metrics.requestHasEnded(Self.record(nanoseconds: nanoseconds), Details())
            }
        }
        metrics.requestHasEnded(Self.record(nanoseconds: 0), Details())
        let counts = (0...LoopMetrics.bounds.count).map { metrics.durations[$0] }
        #expect(counts == [2] + Array(repeating: 2, count: counts.count - 2) + [1])
        #expect(metrics.bodyBytes == 7 * counts.reduce(0, +))
        #expect(metrics.contentBytes == 3 * counts.reduce(0, +))
    }

    @Test("The bounds rise, and are written as the seconds that they are")
    func bounds() {
        #expect(
            LoopMetrics.bounds.map(\.nanoseconds) == LoopMetrics.bounds.map(\.nanoseconds).sorted()
        )
        for bound in LoopMetrics.bounds {
            #expect(Double("\(bound.text)") == Double(bound.nanoseconds) / 1e9)
        }
    }

    @Test("Each method, label and status has a place of its own")
    func places() {
        let metrics = LoopMetrics(next: nil)
        var places: Set<Int> = []
        let methods = (0..<10).compactMap { HTTPMethod(rawValue: $0) } + [nil]
        #expect(methods.count == LoopMetrics.methods.count)
        #expect(LoopMetrics.methods.contains("\(methods[3]!)".uppercased()))
        for (index, method) in methods.enumerated() {
            for label in Route.labelNames.indices {
                for (place, status) in [nil, 100, 204, 304, 499, 599].enumerated() {
                    metrics.requestHasEnded(
                        Self.record(method, label: UInt8(label), status: status),
                        Details()
                    )
                    let own = LoopMetrics.place(method: index, label: label, status: place)
                    #expect(metrics.requests[own] == 1 && places.insert(own).inserted)
                }
            }
        }
        #expect(places.count == metrics.requests.count)
    }

    @Test("A refusal is counted by its reason, whose name is in snake case")
    func refusals() {
        let metrics = LoopMetrics(next: nil)
        for refusal in Refusal.allCases {
            metrics.requestHasEnded(Self.record(refusal: refusal), Details())
            #expect(metrics.refusals[Int(refusal.rawValue)] == 1)
            #expect(refusal.metricName.wholeMatch(of: /[a-z]+(_[a-z0-9]+)*/) != nil)
        }
        #expect(
            Refusal.transferEncodingInOldVersion.metricName == "transfer_encoding_in_old_version"
        )
    }

    @Test("Methods have the names that they have in requests")
    func names() {
        for raw in UInt8(0)..<9 {
            let method = HTTPMethod(rawValue: raw)
            let name = [UInt8](LoopMetrics.methods[Int(raw)].utf8)
            #expect(name.withUnsafeBytes { HTTPMethod(token: $0) } == method)
        }
        #expect(HTTPMethod(rawValue: 9) == .other && HTTPMethod(rawValue: 10) == nil)
    }
}
