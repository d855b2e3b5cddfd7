import Basics
import EventLoops
import Wire

/// What is told of the program and its process.
extension Metrics {
    func writeProgram(to text: inout MetricsText) {
        let name = "kvs_loop_lag_seconds"
        text.begin(name, .gauge, "How late a loop was at worst in the last 15 to 30 seconds.")
        for (index, loop) in loops.enumerated() {
            text.sample(name, "loop=\"\(index)\"", Double(loop.lag.worstOfLate.nanoseconds) / 1e9)
        }
        text.metric(
            "kvs_log_lines_dropped_total",
            .counter,
            "Lines of the log that were not written, because nobody read it.",
            droppedLines()
        )
        let role = if case .main = configuration.role { "main" } else { "forwarder" }
        let libevent = MetricsText.escaped(LibeventDiagnostics.version)
        text.begin("kvs_build_info", .gauge, "Always 1.")
        text.sample(
            "kvs_build_info",
            "version=\"\(KVSServer.version)\",libevent=\"\(libevent)\",role=\"\(role)\"",
            1
        )
    }

    /// The names that Prometheus' own client libraries have for these.
    func write(_ usage: ProcessUsage, to text: inout MetricsText) {
        text.metric(
            "process_cpu_seconds_total",
            .counter,
            "Processor time, in user space and the kernel, in seconds.",
            usage.cpuSeconds
        )
        let gauges: [(String, String, Int?)] = [
            ("process_resident_memory_bytes", "Resident memory, in bytes.", usage.residentBytes),
            ("process_virtual_memory_bytes", "Mapped addresses, in bytes.", usage.virtualBytes),
            ("process_open_fds", "Open file descriptors.", usage.openFiles),
            ("process_max_fds", "The limit of open file descriptors.", usage.maximumFiles),
        ]
        for (name, help, value) in gauges {
            if let value { text.metric(name, .gauge, help, value) }
        }
        if let start = usage.startSeconds {
            text.metric(
                "process_start_time_seconds",
                .gauge,
                "When the process was started, in seconds since the Epoch.",
                start
            )
        }
    }
}

extension Refusal {
    /// Its name in metrics and logs: `head_too_large`.
    var metricName: String {
        var name = ""
        for letter in "\(self)" {
            if letter.isUppercase { name += "_" }
            name += letter.lowercased()
        }
        return name
    }
}
