import ArgumentParser
import EventHTTP
import Glibc

/// Where a service is, as people write it.
struct ServiceURL: CustomStringConvertible {
    static let variable = "KVS_URL"
    static let fallback = "http://127.0.0.1:8080"

    let endpoint: Endpoint

    /// Reads `http://host:port`, with or without `http://`, and with `/` or `/kvs` at its end. The port is
    /// 80 where there is none.
    init?(_ text: String) {
        var rest = text[...]
        if rest.lowercased().hasPrefix("http://") { rest = rest.dropFirst("http://".count) }
        if rest.hasSuffix("/") { rest.removeLast() }
        if rest.hasSuffix("/kvs") { rest.removeLast("/kvs".count) }
        guard let endpoint = Endpoint(String(rest)) ?? Endpoint("\(rest):80") else { return nil }
        self.endpoint = endpoint
    }

    /// The same of what was given on the command line or by the environment.
    ///
    /// - Throws: What ends the program with status 64.
    init(argument text: String) throws {
        guard let service = Self(text) else {
            throw ValidationError("'\(text.printable)' is not a URL such as \(Self.fallback)")
        }
        self = service
    }

    /// What the environment names; nil where it names none.
    static var ofEnvironment: String? {
        let text = getenv(variable).map { String(cString: $0) }
        return text == "" ? nil : text
    }

    var description: String { "http://\(endpoint)" }
}
