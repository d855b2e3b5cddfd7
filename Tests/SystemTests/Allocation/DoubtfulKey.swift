/// What a key may hold, by all that its client has been told. For one client.
struct DoubtfulKey {
    /// nil among them: it may not exist.
    private var possible: Set<[UInt8]?> = [nil]

    /// A PUT, or with nil a DELETE, was answered like this, or not at all.
    ///
    /// - Returns: What is wrong with the answer.
    mutating func write(_ value: [UInt8]?, _ response: WireResponse?) -> String? {
        switch response?.status {
        case 200, 201:
            let existed = response?.status == 200
            let mayBe = possible.contains { ($0 != nil) == existed }
            possible = [value]
            return mayBe ? nil : "told that the key did\(existed ? "" : " not") exist"
        case 503, 507: return nil
        case nil:
            possible.insert(value)
            return nil
        case 404 where response?.text.contains("service is not available") == true:
            if response?[header: "KVS-Outcome"] != "not-sent" { possible.insert(value) }
            return nil
        case 404 where value == nil && possible.contains([UInt8]?.none):
            possible = [nil]
            return nil
        default: return "a write is answered \(response?.status ?? 0)"
        }
    }

    /// A GET was answered like this, or not at all.
    ///
    /// - Parameter value: What was read; nil where the key does not exist.
    /// - Returns: What is wrong with the answer.
    mutating func read(_ response: WireResponse?, isRaw: Bool = false) -> String? {
        guard let response, response.status != 503 else { return nil }
        if response.text.contains("service is not available") { return nil }
        guard response.status == 200 || response.status == 404 else {
            return "a GET is answered \(response.status)"
        }
        let body = isRaw ? response.body : (try? response.json())?.valueBytes
        let value = response.status == 404 ? nil : body
        guard possible.contains(value) else {
            return "read \(value.map { "\($0.count) bytes" } ?? "nothing") that were not written"
        }
        possible = [value]
        return nil
    }
}
