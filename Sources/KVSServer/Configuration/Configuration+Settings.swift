import Basics
import EventLoops

extension Configuration {
    /// What the settings say one by one; what they mean together comes after.
    struct Draft {
        var configuration = Configuration()
        var main: Endpoint?
        var isMain: Bool?
        var maximumMemoryBytes: Int?
        var maximumBufferedBytes: Int?
    }

    /// Reads the settings; a setting that is absent or empty keeps its default.
    ///
    /// - Parameter settings: The texts by variable, the environment's with the command line's on
    ///   top. What is not in ``Setting/table`` is passed over.
    /// - Throws: ``ConfigurationError`` for a value that means nothing, and for values that
    ///   contradict each other.
    public init(settings: [String: String]) throws(ConfigurationError) {
        let texts = SettingTexts(settings)
        var draft = Draft()
        for setting in Setting.table {
            guard let text = texts[setting.variable] else { continue }
            guard setting.form.store(text, &draft) else {
                throw texts.error(setting.variable, setting.form.rule)
            }
        }
        self = draft.configuration
        role = try role(of: draft, texts)
        if let bytes = draft.maximumBufferedBytes { maximumBufferedBytes = bytes }
        maximumMemoryBytes =
            draft.maximumMemoryBytes
            ?? Self.defaultMemoryBytes(
                available: MemoryLimit.available(threads: threads),
                buffered: maximumBufferedBytes,
                threads: threads
            )
        if case .forwarder = role, forwardTimeout >= requestTimeout {
            throw texts.error(
                "KVS_FORWARD_TIMEOUT",
                "must be shorter than KVS_REQUEST_TIMEOUT (\(requestTimeout))"
            )
        }
    }

    /// A forwarder is who has a `MAINIP` and is not told to be the main (the contract, Part 2).
    private func role(of draft: Draft, _ texts: SettingTexts) throws(ConfigurationError) -> Role {
        switch (draft.isMain, draft.main) {
        case (true, _), (nil, nil):
            return .main
        case (false, nil):
            throw ConfigurationError(
                description: "ISMAIN=False needs MAINIP=host:port, the address of the main"
            )
        case (_, let main?):
            guard !pointsToItself(main) else {
                throw texts.error(
                    "MAINIP",
                    "is the address of this very instance: give that of the main"
                )
            }
            return .forwarder(main: main)
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
