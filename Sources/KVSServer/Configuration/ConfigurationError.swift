/// A setting that cannot be used, in one line that says what to change.
public struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    /// The line.
    public let description: String
}
