import KVSClient

/// Why a call has no result: what the program ends with, and says.
struct CallFailure: Error {
    /// What the call was to do.
    enum Purpose {
        case put
        /// A value, or a list.
        case get
        case delete
    }

    let status: Program.ExitStatus
    let reason: String

    /// - Parameter cause: Why there is no service, where that is known.
    init(
        _ error: KVSClientError,
        _ cause: String?,
        at service: ServiceURL,
        _ purpose: Purpose
    ) {
        let cause = cause.map { " (\($0))" } ?? ""
        switch error {
        case .invalidURL(let url): (status, reason) = (.usage, "'\(url)' is not a URL")
        case .invalidKey(let key):
            (status, reason) = (.usage, "'\(key.beginning(500))' is no key: \(Key.rule)")
        case .valueTooLarge:
            // Of a file and of stdin nobody has seen the end.
            status = .dataRefused
            reason = "the value has more than \(KVSClient.maximumValueBytes) bytes"
        case .unavailable(let mayHaveActed):
            status = .unavailable
            reason = "\(service): service is not available\(cause)\(Self.outcome(mayHaveActed))"
        case .timedOut:
            status = .unavailable
            reason = "\(service): no reply in time\(Self.outcome(purpose != .get))"
        case .refused(let code, let message):
            // What the server says of the value; all else is an answer that is no result.
            let isAboutData = purpose == .put && [400, 413, 415, 507].contains(code)
            status = isAboutData ? .dataRefused : .unavailable
            let outcome = Self.outcome(purpose != .get && error.mayHaveActed)
            reason = "\(service): \(code): \(message.beginning(500))\(cause)\(outcome)"
        case .closed: (status, reason) = (.unavailable, "\(service): the client was closed")
        case .system(let words): (status, reason) = (.system, words)
        }
    }

    private static func outcome(_ mayHaveActed: Bool) -> String {
        mayHaveActed ? "; it may have been done all the same" : ""
    }
}

extension String {
    /// So many bytes of it, and a mark where that is not all: one character may have any number of bytes.
    func beginning(_ byteCount: Int) -> String {
        utf8.count > byteCount
            ? "\(String(decoding: utf8.prefix(byteCount), as: UTF8.self))…" : self
    }
}

extension KVSClientError {
    /// Whether something on the way has given up waiting, or broken down: a write may have been done.
    fileprivate var isUncertainRefusal: Bool {
        guard case .refused(let status, _) = self else { return false }
        return status >= 500 && ![501, 503, 507].contains(status)
    }

    /// Whether a write that was answered so may have been done.
    fileprivate var mayHaveActed: Bool {
        guard case .refused(200..<300, _) = self else { return isUncertainRefusal }
        return true
    }

    /// Whether the service has too much to do.
    var isTooMuch: Bool { if case .refused(503, _) = self { true } else { false } }

    /// Whether the same call may have a result a moment later: there was no answer that means anything, or one
    /// that there is too much to do.
    var mayPass: Bool {
        switch self {
        case .unavailable, .timedOut: true
        case .refused(503, _): true
        case .refused: isUncertainRefusal
        case .invalidURL, .invalidKey, .valueTooLarge, .closed, .system: false
        }
    }
}
