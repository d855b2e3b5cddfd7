import ContractCases
import Testing

extension ContractCase {
    /// Sends each request of the case, and records an issue where a reply is not, to the byte, what it must
    /// be.
    ///
    /// - Parameter clients: One for each instance that the case is about.
    /// - Returns: The keys that it has put.
    @discardableResult
    func expect(
        of clients: [HTTPClient],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Set<String> {
        var keys: Set<String> = []
        for step in steps(key: uniqueKey("case")) {
            let request = step.request
            let result = try step.perform(isExact: true) { request in
                let response = try clients[step.instance].send(
                    request.method,
                    request.target,
                    headers: request.headers,
                    body: request.body
                )
                return ContractReply(
                    status: response.status,
                    fields: response.headers.map { .init(name: $0.name, value: $0.value) },
                    body: response.body
                )
            }
            #expect(
                result.isMet,
                """
                \(request.method) \(request.target.prefix(80)): \
                \(step.expectation.description.prefix(200)) was expected, and came \(result.text)
                """,
                sourceLocation: sourceLocation
            )
            if request.method == "PUT" {
                keys.insert(String(request.target.dropFirst("/kvs/".count).prefix { $0 != "?" }))
            }
        }
        return keys
    }
}
