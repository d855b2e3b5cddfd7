import Foundation
import KVSServer
import Testing

@Suite("Metrics", .timeLimit(.minutes(10)))
struct MetricsTests {
    /// `deploy/metrics.txt`: what dashboards and alerts may name.
    private static let documented: Set<String> = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../deploy/metrics.txt")
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        return Set(text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map(String.init))
    }()

    @Test("A main and a forwarder together have the metrics that are documented, and no others")
    func names() throws {
        let main = try ServerProcess.main()
        let forwarder = try ServerProcess.forwarder(to: main.endpoint)
        let ofMain = Set(try ScrapedMetrics(main.endpoint).types.keys)
        let ofForwarder = Set(try ScrapedMetrics(forwarder.endpoint).types.keys)
        #expect(ofMain.union(ofForwarder) == Self.documented)
        #expect(ofMain.subtracting(ofForwarder).allSatisfy { $0.hasPrefix("kvs_store_") })
        #expect(ofForwarder.subtracting(ofMain).allSatisfy { $0.hasPrefix("kvs_main_") })
    }

    @Test("Requests are counted by method, route and status, on all loops together")
    func requests() throws {
        let main = try ServerProcess.main(["KVS_THREADS": "3"])
        for _ in 0..<9 {
            // Each time another connection, so that each loop has some.
            let client = HTTPClient(main.endpoint)
            #expect(try client.put("a", "x").status < 300)
            try client.get("a").expect(.value("x"))
            _ = try client.get("b")
            _ = try client.head("a")
            #expect(try client.send("GET", "/livez").status == 200)
            #expect(try client.send("GET", "/readyz").status == 200)
            #expect(try client.send("GET", "/elsewhere").status == 404)
            #expect(try client.send("POST", "/kvs/a").status == 405)
            #expect(try client.send("BREW", "/kvs/a").status == 405)
        }
        let metrics = try ScrapedMetrics(main.endpoint)
        #expect(metrics.requests("PUT", "key", "2xx") == 9)
        #expect(metrics.requests("GET", "key", "2xx") == 9)
        #expect(metrics.requests("GET", "key", "4xx") == 9)
        #expect(metrics.requests("HEAD", "key", "2xx") == 9)
        #expect(metrics.requests("GET", "live", "2xx") == 9)
        #expect(metrics.requests("GET", "ready", "2xx") == 9)
        #expect(metrics.requests("GET", "none", "4xx") == 9)
        #expect(metrics.requests("POST", "key", "4xx") == 9)
        #expect(metrics.requests("other", "key", "4xx") == 9)
        #expect(metrics.requestCount == 81)
        #expect(metrics["kvs_http_request_duration_seconds_count"] == 81)
        #expect(metrics["kvs_http_request_duration_seconds_bucket{le=\"+Inf\"}"] == 81)
        #expect(metrics["kvs_http_request_duration_seconds_sum"] > 0)
        #expect(metrics["kvs_http_request_body_bytes_total"] == 9 * 5)
        #expect(metrics["kvs_http_connections_accepted_total"] == 10)
        let again = try ScrapedMetrics(main.endpoint)
        #expect(again.requests("GET", "metrics", "2xx") == 1)
    }

    @Test("Refusals are counted by their reason, and who gets no reply as such")
    func refusals() throws {
        let main = try ServerProcess.main(["KVS_REQUEST_TIMEOUT": "300ms"])
        let texts = [
            "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET /kvs/a\r\n\r\n",
            "GET /kvs/a HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 20_000))\r\n",
            "PUT /kvs/a HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n",
            "GET /kvs/a HTTP/1.1\r\nHost: a\r\n",
        ]
        for text in texts {
            let wire = try WireClient(main.endpoint)
            try wire.send(text)
            #expect(try wire.readResponse().status >= 400)
        }
        do {
            let wire = try WireClient(main.endpoint)
            try wire.send("GET /kvs/a HTTP/1.1\r\nHo")
            wire.reset()
        }
        var metrics = try ScrapedMetrics(main.endpoint)
        try waitUntil("the reset is counted") {
            metrics = try ScrapedMetrics(main.endpoint)
            return metrics.requests("GET", "none", "none") == 1
        }
        func refused(_ reason: String) -> Double {
            metrics["kvs_http_refusals_total{reason=\"\(reason)\"}"]
        }
        #expect(refused("host_not_unique") == 2)
        #expect(refused("malformed_request_line") == 1)
        #expect(refused("head_too_large") == 1)
        #expect(refused("body_too_large") == 1)
        #expect(refused("request_timed_out") == 1)
        let all = metrics.samples.filter { $0.key.hasPrefix("kvs_http_refusals_total{") }
        #expect(all.values.reduce(0, +) == 6)
    }

    @Test("Gauges say what there is: connections, keys, their memory, limits, the process")
    func gauges() throws {
        let main = try ServerProcess.main([
            "KVS_MAX_MEMORY": "64M", "KVS_MAX_BUFFERED": "9M", "KVS_MAX_CONNECTIONS": "7",
        ])
        let clients = (0..<4).map { _ in HTTPClient(main.endpoint) }
        for (index, client) in clients.enumerated() {
            _ = try client.put("key\(index)", String(repeating: "v", count: 1000))
        }
        _ = try clients[0].delete("key3")
        let metrics = try ScrapedMetrics(main.endpoint)
        // And the one that asks.
        #expect(metrics["kvs_http_connections"] == 5)
        #expect(metrics["kvs_http_connections_limit"] == 7)
        #expect(metrics["kvs_http_buffered_bytes_limit"] == Double(9 << 20))
        #expect(metrics["kvs_store_keys"] == 3)
        #expect((3000..<9000).contains(metrics["kvs_store_bytes"]))
        #expect(metrics["kvs_store_bytes_limit"] == Double(64 << 20))
        #expect(metrics["process_open_fds"] > 5)
        #expect(metrics["process_max_fds"] > metrics["process_open_fds"])
        #expect(metrics["process_resident_memory_bytes"] > 1e6)
        #expect(metrics["process_virtual_memory_bytes"] > metrics["process_resident_memory_bytes"])
        let start = Date(timeIntervalSince1970: metrics["process_start_time_seconds"])
        #expect(abs(start.timeIntervalSinceNow) < 600)
        let build = metrics.samples.keys.first { $0.hasPrefix("kvs_build_info{") } ?? ""
        #expect(
            build.contains("version=\"\(KVSServer.version)\"") && build.contains("role=\"main\"")
        )
        #expect(build.contains("libevent=\"2.1."))
    }

    @Test("A forwarder tells of its main: whether it answers, and what failed")
    func forwarder() throws {
        let main = try ServerProcess.main()
        let forwarder = try ServerProcess.forwarder(to: main.endpoint, ["KVS_THREADS": "1"])
        let client = HTTPClient(forwarder.endpoint)
        for _ in 0..<3 { try client.get("a").expect(.missing) }
        var metrics = try ScrapedMetrics(forwarder.endpoint)
        #expect(metrics["kvs_main_available"] == 1)
        #expect(metrics["kvs_main_attempts_total"] == 3)
        #expect(metrics["kvs_main_connections{state=\"idle\"}"] == 1)
        #expect(metrics["kvs_main_connections{state=\"busy\"}"] == 0)
        #expect(metrics["kvs_main_unanswered_total"] == 0)
        main.kill()
        for _ in 0..<2 { try client.get("a").expect(.unavailable) }
        metrics = try ScrapedMetrics(forwarder.endpoint)
        #expect(metrics["kvs_main_unanswered_total"] == 2)
        #expect(metrics["kvs_main_failures_total{reason=\"refused\"}"] >= 1)
        #expect(metrics["kvs_main_connections{state=\"idle\"}"] == 0)
    }

    @Test("A forwarder whose main is silent says so, and says when it is back")
    func silence() throws {
        let main = try ServerProcess.main()
        let settings = ["KVS_FORWARD_TIMEOUT": "300ms"]
        let forwarder = try ServerProcess.forwarder(to: main.endpoint, settings)
        let client = HTTPClient(forwarder.endpoint)
        try client.get("a").expect(.missing)
        main.pause()
        try main.waitUntilPaused()
        try waitUntil("it is taken for silent") {
            try client.get("a").expect(.unavailable)
            return try ScrapedMetrics(forwarder.endpoint)["kvs_main_available"] == 0
        }
        let silent = try ScrapedMetrics(forwarder.endpoint)
        #expect(silent["kvs_main_attempts_total"] >= 2)
        #expect(silent["kvs_main_failures_total{reason=\"timeout\"}"] >= 1)
        main.resume()
        try waitUntil("it is back") {
            _ = try client.get("a")
            return try ScrapedMetrics(forwarder.endpoint)["kvs_main_available"] == 1
        }
    }

    @Test("Connections that end while they are idle are no longer counted")
    func idleConnections() throws {
        // A forwarder ends them a second before the main would.
        let main = try ServerProcess.main(["KVS_IDLE_TIMEOUT": "6s"])
        let forwarder = try ServerProcess.forwarder(to: main.endpoint, ["KVS_THREADS": "1"])
        try HTTPClient(forwarder.endpoint).get("a").expect(.missing)
        let idle = "kvs_main_connections{state=\"idle\"}"
        #expect(try ScrapedMetrics(forwarder.endpoint)[idle] == 1)
        try waitUntil("the connection has ended") {
            try ScrapedMetrics(forwarder.endpoint)[idle] == 0
        }
    }

    @Test("A loop that stood still says so, however short that was")
    func lag() throws {
        let main = try ServerProcess.main(["KVS_THREADS": "1"])
        let lag = "kvs_loop_lag_seconds{loop=\"0\"}"
        for _ in 0..<2 {
            main.pause()
            try main.waitUntilPaused()
            // That long it stands still at least: what is measured.
            Thread.sleep(forTimeInterval: 0.7)
            main.resume()
            try waitUntil("it is seen") { try ScrapedMetrics(main.endpoint)[lag] >= 0.5 }
        }
    }

    @Test("Metrics are read by GET and HEAD, and by nothing else")
    func methods() throws {
        let main = try ServerProcess.main()
        let client = HTTPClient(main.endpoint)
        let head = try client.send("HEAD", "/metrics")
        #expect(head.status == 200 && (Int(head[header: "Content-Length"] ?? "") ?? 0) > 1000)
        let put = try client.send("PUT", "/metrics", body: Array("val=x".utf8))
        put.expectError(405)
        #expect(put[header: "Allow"] == "GET, HEAD, OPTIONS")
    }
}
