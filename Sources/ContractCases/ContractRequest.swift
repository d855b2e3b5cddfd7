/// A request of the contract, as any HTTP client can send it.
package struct ContractRequest: Sendable {
    package let method: String
    /// The path, and a query where there is one.
    package let target: String
    /// Whole lines (`Name: value`), without `Host` and `Content-Length`.
    package let headers: [String]
    /// Where nil, there is no `Content-Length` either.
    package let body: [UInt8]?

    package init(
        _ method: String,
        _ target: String,
        headers: [String] = [],
        body: [UInt8]? = nil
    ) {
        (self.method, self.target, self.headers, self.body) = (method, target, headers, body)
    }

    static func get(_ key: String, headers: [String] = []) -> ContractRequest {
        ContractRequest("GET", "/kvs/\(key)", headers: headers)
    }

    static func head(_ key: String, headers: [String] = []) -> ContractRequest {
        ContractRequest("HEAD", "/kvs/\(key)", headers: headers)
    }

    static func delete(_ key: String, headers: [String] = []) -> ContractRequest {
        ContractRequest("DELETE", "/kvs/\(key)", headers: headers)
    }

    /// As `curl -X PUT -d FORM` sends it.
    static func put(_ key: String, form: String, headers: [String] = []) -> ContractRequest {
        put(key, Array(form.utf8), type: "application/x-www-form-urlencoded", headers: headers)
    }

    static func list(_ query: String) -> ContractRequest {
        ContractRequest("GET", "/kvs?\(query)")
    }

    /// The request for the page behind `cursor`.
    func following(cursor: String) -> ContractRequest {
        let mark = target.contains("?") ? "&" : "?"
        return ContractRequest(method, "\(target)\(mark)cursor=\(cursor)", headers: headers)
    }

    static func put(
        _ key: String,
        _ body: [UInt8],
        type: String?,
        headers: [String] = []
    ) -> ContractRequest {
        let type = type.map { ["Content-Type: \($0)"] } ?? []
        return ContractRequest("PUT", "/kvs/\(key)", headers: type + headers, body: body)
    }
}
