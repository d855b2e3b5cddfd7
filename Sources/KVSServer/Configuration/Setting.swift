/// A setting: how it is called, what it is for, and where its value goes.
///
/// All of them stand in ``table``. The command line has its options and their help from there, and
/// tests hold the documents to it.
public struct Setting: Sendable {
    /// What holds where a setting is absent.
    enum Default: Equatable, Sendable {
        case none
        /// A value, as it could be given.
        case value(String)
        /// One that the start finds, in words.
        case found(String)
    }

    /// The name of the environment variable.
    public let variable: String
    /// The name of the option, without its dashes.
    public let option: String
    private let purpose: String
    let initially: Default
    /// What may be given, and where it goes.
    let form: SettingForm

    init(
        variable: String,
        option: String,
        purpose: String,
        default initially: Default,
        form: SettingForm
    ) {
        self.variable = variable
        self.option = option
        self.purpose = purpose
        self.initially = initially
        self.form = form
    }

    /// What `--help` says: what it is for, and the variable and the default in brackets.
    public var help: String {
        guard let defaultText else { return "\(purpose) [\(variable)]" }
        return "\(purpose) [\(variable); default: \(defaultText)]"
    }

    /// The default as `--help` and the documents have it.
    var defaultText: String? {
        switch initially {
        case .none: nil
        case .value(let text), .found(let text): text
        }
    }
}
