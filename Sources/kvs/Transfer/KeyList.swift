import KVSClient

/// The keys that begin with a prefix, page by page.
struct KeyList {
    private enum Place {
        case beginning
        case cursor(String)
        case end
    }

    private let client: KVSClient
    private let prefix: String
    private var place = Place.beginning
    /// The first cursor that there was; nil where one key is all there is.
    private var firstCursor: String?

    init(_ client: KVSClient, prefix: String) {
        (self.client, self.prefix) = (client, prefix)
    }

    /// The next keys, perhaps none; nil behind the last ones.
    mutating func next() async throws(KVSClientError) -> [String]? {
        let page: KeyPage
        switch place {
        // One key: so there is a cursor wherever there are more.
        case .beginning: page = try await client.keys(prefix: prefix, limit: 1)
        // The most that the server gives.
        case .cursor(let cursor):
            page = try await client.keys(prefix: prefix, cursor: cursor, limit: 10_000)
        case .end: return nil
        }
        firstCursor = firstCursor ?? page.cursor
        place = page.cursor.map(Place.cursor) ?? .end
        return page.keys
    }

    /// Makes sure that the keys were all of one main's life: one that is started anew has none any more, and
    /// that must not look like a deletion of them all. A cursor is good for one life only.
    ///
    /// - Throws: What the server says of the cursor, among others.
    func checkLife() async throws(KVSClientError) {
        guard let firstCursor else { return }
        _ = try await client.keys(prefix: prefix, cursor: firstCursor, limit: 1)
    }
}
