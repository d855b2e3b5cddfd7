import CXXHash

/// The tag that a value has everywhere (`ETag`), worked out here: what `xxh128sum` says of it.
func entityTag(of value: String) -> String {
    let bytes = Array(value.utf8)
    let hash = bytes.withUnsafeBytes { kvs_xxh3_128($0.baseAddress, $0.count) }
    let digits = [hash.high64, hash.low64].map { half in
        let text = String(half, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }
    return "\"\(digits.joined())\""
}

extension WriteCondition {
    /// The line of a request that asks for it.
    var field: String {
        switch self {
        case .holds(let value): "If-Match: \(entityTag(of: value))"
        case .exists: "If-Match: *"
        case .isAbsent: "If-None-Match: *"
        }
    }
}
