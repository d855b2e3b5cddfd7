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
            let response = try clients[step.instance].send(
                request.method,
                request.target,
                headers: request.headers,
                body: request.body
            )
            let reply = ContractReply(
                status: response.status,
                fields: response.headers.map { .init(name: $0.name, value: $0.value) },
                body: response.body
            )
            #expect(
                step.expectation.isMet(by: reply, isExact: true),
                """
                \(request.method) \(request.target.prefix(80)): \
                \(step.expectation.description.prefix(200)) was expected, and came \
                \(step.expectation.describe(reply))
                """,
                sourceLocation: sourceLocation
            )
            if request.method == "PUT" {
                keys.insert(String(request.target.dropFirst("/kvs/".count)))
            }
        }
        return keys
    }
}
