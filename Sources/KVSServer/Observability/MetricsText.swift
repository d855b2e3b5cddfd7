import Wire

/// Metrics in Prometheus' text format, version 0.0.4.
struct MetricsText {
    enum Kind: String { case counter, gauge, histogram }

    private(set) var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(16_384) }

    /// Begins a metric: its samples come next.
    mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
        bytes += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n".utf8
    }

    /// - Parameter labels: `a="b",c="d"`, of values that need no escape.
    mutating func sample(
        _ name: String,
        _ labels: String,
        _ value: some CustomStringConvertible
    ) {
        bytes += name.utf8
        if !labels.isEmpty { bytes += "{\(labels)}".utf8 }
        bytes += " \(value)\n".utf8
    }

    /// A metric with one sample.
    mutating func metric(
        _ name: String,
        _ kind: Kind,
        _ help: String,
        _ value: some CustomStringConvertible
    ) {
        begin(name, kind, help)
        sample(name, "", value)
    }

    /// The text of a label's value, with what must not stand there as it is.
    static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing(
            "\n",
            with: "\\n"
        )
    }
}
