/// The settings by name, as texts: the environment's, with the command line's on top.
public enum Setting: String, CaseIterable, Sendable {
    case host = "IP"
    case port = "PORT"
    case main = "MAINIP"
    case isMain = "ISMAIN"
    case threads = "KVS_THREADS"
    case forwardConnections = "KVS_FORWARD_CONNECTIONS"
    case connectTimeout = "KVS_CONNECT_TIMEOUT"
    case forwardTimeout = "KVS_FORWARD_TIMEOUT"
    case requestTimeout = "KVS_REQUEST_TIMEOUT"
    case idleTimeout = "KVS_IDLE_TIMEOUT"
    case shutdownTimeout = "KVS_SHUTDOWN_TIMEOUT"
    case maximumMemory = "KVS_MAX_MEMORY"
    case maximumBuffered = "KVS_MAX_BUFFERED"
    case maximumConnections = "KVS_MAX_CONNECTIONS"
}

extension Configuration {
    /// Reads the settings; a setting that is absent or empty keeps its default.
    ///
    /// - Throws: ``ConfigurationError`` for a value that means nothing, and for values that contradict
    ///   each other.
    public init(settings: [Setting: String]) throws(ConfigurationError) {
        self.init()
        let settings = SettingReader(settings: settings)
        if let text = settings[.host] {
            // Brackets, as in a URL, do no harm.
            let bare =
                text.hasPrefix("[") && text.hasSuffix("]")
                ? String(text.dropFirst().dropLast()) : text
            guard SocketAddress(numericHost: bare, port: 0) != nil else {
                throw settings.error(.host, "must be an IPv4 or IPv6 address")
            }
            host = bare
        }
        if let text = settings[.port] {
            guard let number = UInt16(text) else {
                throw settings.error(.port, "must be a port from 0 to 65535")
            }
            port = number
        }
        try readRole(settings)
        try settings.readCount(.threads, 1...1024, into: &threads)
        try settings.readCount(.forwardConnections, 1...65_536, into: &forwardConnections)
        try settings.readDuration(.connectTimeout, into: &connectTimeout)
        try settings.readDuration(.forwardTimeout, into: &forwardTimeout)
        try settings.readDuration(.requestTimeout, into: &requestTimeout)
        try settings.readDuration(.idleTimeout, into: &idleTimeout)
        try settings.readDuration(.shutdownTimeout, into: &shutdownTimeout)
        try settings.readSize(.maximumBuffered, atLeast: 8 << 20, into: &maximumBufferedBytes)
        maximumMemoryBytes = Self.defaultMemoryBytes(
            available: MemoryLimit.available(threads: threads),
            buffered: maximumBufferedBytes,
            threads: threads
        )
        try settings.readSize(.maximumMemory, atLeast: 1 << 20, into: &maximumMemoryBytes)
        if settings[.maximumConnections] != nil {
            var count = 0
            try settings.readCount(.maximumConnections, 1...10_000_000, into: &count)
            maximumConnections = count
        }
        if case .forwarder = role, forwardTimeout >= requestTimeout {
            throw settings.error(
                .forwardTimeout,
                "must be shorter than KVS_REQUEST_TIMEOUT (\(requestTimeout))"
            )
        }
    }

    /// A forwarder is who has a `MAINIP` and is not told to be the main (the contract, Part 2).
    private mutating func readRole(_ settings: SettingReader) throws(ConfigurationError) {
        var isMain: Bool?
        if let text = settings[.isMain] {
            switch text.lowercased() {
            case "true", "1": isMain = true
            case "false", "0": isMain = false
            default: throw settings.error(.isMain, "must be True or False")
            }
        }
        var main: Endpoint?
        if let text = settings[.main] {
            guard let endpoint = Endpoint(text) else {
                throw settings.error(
                    .main,
                    "must be host:port of the main, such as 10.0.0.20:8080 or [::1]:8080"
                )
            }
            main = endpoint
        }
        switch (isMain, main) {
        case (true, _), (nil, nil):
            role = .main
        case (false, nil):
            throw ConfigurationError(
                description: "ISMAIN=False needs MAINIP=host:port, the address of the main"
            )
        case (_, let main?):
            if pointsToItself(main) {
                throw settings.error(
                    .main,
                    "is the address of this very instance: give that of the main"
                )
            }
            role = .forwarder(main: main)
        }
    }

    private func pointsToItself(_ main: Endpoint) -> Bool {
        guard main.port == port,
            let other = SocketAddress(numericHost: main.host, port: 0),
            let own = SocketAddress(numericHost: host, port: 0)
        else { return false }
        return own.isReached(by: other)
    }
}

/// Reads texts into values, with errors that name the setting.
private struct SettingReader {
    let settings: [Setting: String]

    /// A setting's text without white space around it; nil where that is empty, because compose files
    /// and shell scripts pass unset variables on as empty ones.
    subscript(_ setting: Setting) -> String? {
        guard let text = settings[setting] else { return nil }
        // By scalars: CR and LF are one character, and a file from Windows leaves a CR at the end.
        let isSpace: (Unicode.Scalar) -> Bool = \.properties.isWhitespace
        var trimmed = Substring(text).unicodeScalars.drop(while: isSpace)
        while let last = trimmed.last, isSpace(last) { trimmed.removeLast() }
        return trimmed.isEmpty ? nil : String(trimmed)
    }

    func error(_ setting: Setting, _ rule: String) -> ConfigurationError {
        // The value stands in a line on a terminal: nothing that could break the line or the terminal.
        let shown = (self[setting] ?? "").unicodeScalars.prefix(80).map {
            $0.value < 0x20 || $0.value == 0x7F ? "?" : String($0)
        }
        return ConfigurationError(
            description: "\(setting.rawValue) \(rule), not '\(shown.joined())'"
        )
    }

    func readCount(
        _ setting: Setting,
        _ range: ClosedRange<Int>,
        into target: inout Int
    ) throws(ConfigurationError) {
        guard let text = self[setting] else { return }
        guard let number = Int(text), range.contains(number) else {
            throw error(
                setting,
                "must be a number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        target = number
    }

    /// From 1 ms to a day.
    func readDuration(_ setting: Setting, into target: inout Duration) throws(ConfigurationError) {
        guard let text = self[setting] else { return }
        guard let seconds = Quantity.seconds(text), (0.001...86_400).contains(seconds) else {
            throw error(
                setting,
                "must be a time from 1ms to 24h, such as 2 (seconds), 500ms, 90s or 1h30m"
            )
        }
        target = .microseconds(Int64(seconds * 1_000_000))
    }

    func readSize(
        _ setting: Setting,
        atLeast minimum: Int,
        into target: inout Int
    ) throws(ConfigurationError) {
        guard let text = self[setting] else { return }
        // 2^58 is more than any machine has, and leaves room to add.
        guard let bytes = Quantity.bytes(text), (minimum...1 << 58).contains(bytes) else {
            throw error(
                setting,
                "must be a size of at least \(minimum >> 20)M, such as 512M, 512Mi or 1.5G"
            )
        }
        target = bytes
    }
}
