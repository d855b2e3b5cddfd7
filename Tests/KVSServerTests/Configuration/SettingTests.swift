import Testing

@testable import KVSServer

/// What holds for all rows of the table, those that come later included.
@Suite("The table of settings")
struct SettingTests {
    @Test("No two settings share a variable or an option")
    func names() {
        #expect(Set(Setting.table.map(\.variable)).count == Setting.table.count)
        #expect(Set(Setting.table.map(\.option)).count == Setting.table.count)
    }

    @Test("A value given as default is the one that holds where nothing is set")
    func defaults() {
        let nothing = Configuration.Draft()
        for setting in Setting.table {
            guard case .value(let text) = setting.initially else { continue }
            var draft = nothing
            #expect(setting.form.store(text, &draft), "\(setting.variable)")
            #expect(Self.places(draft) == Self.places(nothing), "\(setting.variable)")
        }
    }

    @Test("Each setting changes one value, and none that another one changes")
    func ownPlaces() throws {
        let nothing = Configuration.Draft()
        var setBy: [String: String] = [:]
        for setting in Setting.table {
            var draft = nothing
            // One for each form, and no default of any.
            let samples = ["::1", "1009", "73M", "True", "main:80", "json", "debug"]
            _ = try #require(
                samples.first { setting.form.store($0, &draft) },
                "\(setting.variable)"
            )
            let before = Self.places(nothing)
            let changed = Self.places(draft).filter { before[$0.key] != $0.value }
            #expect(changed.count == 1, "\(setting.variable)")
            for place in changed.keys {
                #expect(setBy.updateValue(setting.variable, forKey: place) == nil, "\(place)")
            }
        }
    }

    /// All values of a draft, by name.
    private static func places(_ draft: Configuration.Draft) -> [String: String] {
        var places: [String: String] = [:]
        for child in Mirror(reflecting: draft).children where child.label != "configuration" {
            places[child.label ?? ""] = "\(child.value)"
        }
        for child in Mirror(reflecting: draft.configuration).children {
            places["configuration." + (child.label ?? "")] = "\(child.value)"
        }
        return places
    }

    @Test("What means nothing is refused by name, with the rule", arguments: ["?!", "-7", "x y"])
    func refused(text: String) {
        for setting in Setting.table {
            let error = #expect(throws: ConfigurationError.self, "\(setting.variable)") {
                try Configuration(settings: [setting.variable: text])
            }
            let line = "\(setting.variable) \(setting.form.rule), not '\(text)'"
            #expect(error?.description == line)
        }
    }

    @Test("The ends of a range are in it, as the documents have them")
    func ends() {
        for setting in Setting.table {
            let words = setting.form.range.split(separator: " ").map(String.init)
            let ends: [String] =
                switch (words.first, words.dropFirst().first) {
                case (let lower?, "to"): [lower, words[2]]
                case ("at", "least"): [words[2]]
                case (_, "or"): [words[0], words[2]]
                default: []
                }
            for end in ends {
                var draft = Configuration.Draft()
                #expect(setting.form.store(end, &draft), "\(setting.variable)=\(end)")
            }
        }
    }

    @Test(
        "What is just outside of a range is refused",
        arguments: [
            ("PORT", "65536"), ("PORT", "-1"),
            ("KVS_THREADS", "0"), ("KVS_THREADS", "1025"),
            ("KVS_FORWARD_CONNECTIONS", "0"), ("KVS_FORWARD_CONNECTIONS", "65537"),
            ("KVS_MAX_CONNECTIONS", "0"), ("KVS_MAX_CONNECTIONS", "10000001"),
            ("KVS_CONNECT_TIMEOUT", "0.9ms"), ("KVS_CONNECT_TIMEOUT", "24h1ms"),
            ("KVS_FORWARD_TIMEOUT", "0.9ms"), ("KVS_FORWARD_TIMEOUT", "24h1ms"),
            ("KVS_REQUEST_TIMEOUT", "0.9ms"), ("KVS_REQUEST_TIMEOUT", "24h1ms"),
            ("KVS_IDLE_TIMEOUT", "0.9ms"), ("KVS_IDLE_TIMEOUT", "24h1ms"),
            ("KVS_SHUTDOWN_TIMEOUT", "0.9ms"), ("KVS_SHUTDOWN_TIMEOUT", "24h1ms"),
            ("KVS_MAX_MEMORY", "1048575"), ("KVS_MAX_MEMORY", "262145T"),
            ("KVS_MAX_BUFFERED", "8388607"), ("KVS_MAX_BUFFERED", "262145T"),
        ]
    )
    func outside(variable: String, text: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration(settings: [variable: text])
        }
        #expect(error?.description.hasPrefix("\(variable) must be a ") == true)
    }

    @Test(
        "The lines of errors",
        arguments: [
            ("IP", "must be an IPv4 or IPv6 address"),
            ("PORT", "must be a port from 0 to 65535"),
            ("MAINIP", "must be host:port of the main, such as 10.0.0.20:8080 or [::1]:8080"),
            ("ISMAIN", "must be True or False"),
            ("KVS_THREADS", "must be a number from 1 to 1024"),
            ("KVS_MAX_CONNECTIONS", "must be a number from 1 to 10000000"),
            (
                "KVS_IDLE_TIMEOUT",
                "must be a time from 1ms to 24h, such as 2 (seconds), 500ms, 90s or 1h30m"
            ),
            (
                "KVS_MAX_MEMORY",
                "must be a size of at least 1M, such as 512M, 512Mi or 1.5G"
            ),
        ]
    )
    func lines(variable: String, rule: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration(settings: [variable: " no \r"])
        }
        #expect(error?.description == "\(variable) \(rule), not 'no'")
    }

    @Test("What the table does not have is passed over")
    func unknown() throws {
        #expect(try Configuration(settings: ["KVS_NONSENSE": "?!", "port": "?!"]).port == 8080)
    }
}
