/// What `GET /metrics` said, sample by sample.
struct ScrapedMetrics {
    /// By name and labels, as they were written.
    let samples: [String: Double]
    let types: [String: String]

    /// Reads it strictly: each sample belongs to a metric with a help and a type in front of it.
    init(_ endpoint: Endpoint) throws {
        let reply = try HTTPClient(endpoint).send("GET", "/metrics")
        guard reply.status == 200,
            reply[header: "Content-Type"] == "text/plain; version=0.0.4; charset=utf-8",
            reply.text.hasSuffix("\n")
        else { throw WireError.malformed("metrics: \(reply)") }
        var samples: [String: Double] = [:]
        var types: [String: String] = [:]
        var helped: Set<Substring> = []
        for line in reply.text.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 3)
            if line.hasPrefix("# HELP "), words.count == 4 {
                helped.insert(words[2])
            } else if line.hasPrefix("# TYPE "), words.count == 4, helped.contains(words[2]) {
                guard types.updateValue(String(words[3]), forKey: String(words[2])) == nil else {
                    throw WireError.malformed("twice: \(line)")
                }
            } else if let space = line.lastIndex(of: " "),
                let value = Double(line[line.index(after: space)...])
            {
                let sample = line[..<space]
                let name = sample.prefix { $0 != "{" }
                let family = ["_bucket", "_sum", "_count"].first { name.hasSuffix($0) }
                    .map { name.dropLast($0.count) }.flatMap { types[String($0)] == nil ? nil : $0 }
                guard types[String(family ?? name)] != nil,
                    samples.updateValue(value, forKey: String(sample)) == nil
                else { throw WireError.malformed("no type, or twice: \(line)") }
            } else {
                throw WireError.malformed("metrics: \(line)")
            }
        }
        self.samples = samples
        self.types = types
    }

    /// The sample of that name and those labels; 0 where there is none.
    subscript(sample: String) -> Double { samples[sample] ?? 0 }

    func requests(_ method: String, _ route: String, _ status: String) -> Double {
        let labels = "method=\"\(method)\",route=\"\(route)\",status=\"\(status)\""
        return self["kvs_http_requests_total{\(labels)}"]
    }

    /// All requests.
    var requestCount: Double {
        samples.filter { $0.key.hasPrefix("kvs_http_requests_total{") }.values.reduce(0, +)
    }
}
