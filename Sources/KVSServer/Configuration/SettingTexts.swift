/// The settings as they are given, by variable.
struct SettingTexts {
    private let texts: [String: String]

    init(_ texts: [String: String]) {
        self.texts = texts
    }

    /// A setting's text without white space around it; nil where that is empty, because compose
    /// files and shell scripts pass unset variables on as empty ones.
    subscript(_ variable: String) -> String? {
        guard let text = texts[variable] else { return nil }
        // By scalars: CR and LF are one character, and a file from Windows leaves a CR at the end.
        let isSpace: (Unicode.Scalar) -> Bool = \.properties.isWhitespace
        var trimmed = Substring(text).unicodeScalars.drop(while: isSpace)
        while let last = trimmed.last, isSpace(last) { trimmed.removeLast() }
        return trimmed.isEmpty ? nil : String(trimmed)
    }

    /// The error that the text of `variable` breaks `rule`.
    func error(_ variable: String, _ rule: String) -> ConfigurationError {
        // The value stands in a line on a terminal: nothing that could break either.
        let shown = (self[variable] ?? "").unicodeScalars.prefix(80).map {
            $0.value < 0x20 || $0.value == 0x7F ? "?" : String($0)
        }
        return ConfigurationError(description: "\(variable) \(rule), not '\(shown.joined())'")
    }
}
