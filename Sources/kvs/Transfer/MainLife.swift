import KVSClient

/// Whether all lines of an import were stored in one life of the main: one that is started anew has lost what
/// was stored before. A cursor is good for one life only.
struct MainLife {
    /// The beginning of a list with a cursor, once there is one.
    private var list: KeyList?
    /// What was stored so far without that anybody could tell in which life: at most two lines, of two keys.
    private var unmarked: [ImportedLine] = []

    private let client: KVSClient
    private let calls: PatientCalls

    init(_ client: KVSClient, _ calls: PatientCalls) {
        (self.client, self.calls) = (client, calls)
    }

    /// Whether a main that is started anew from now on would be found out.
    var isMarked: Bool { list != nil }

    /// Marks the present life, if that can be done: there is a cursor wherever there are two keys. Lines from before
    /// are stored again, so that they are of this life as well; where they are, that changes nothing.
    mutating func mark(
        behind line: ImportedLine,
        storing store: (ImportedLine) async throws(KVSClientError) -> Void
    ) async throws(KVSClientError) {
        unmarked.removeAll { $0.key == line.key }
        unmarked.append(line)
        for _ in 0..<2 {
            var list = KeyList(client, prefix: "", calls)
            _ = try await list.next()
            guard list.hasMore || unmarked.count > 1 else { return }
            // Two keys and no cursor: one has gone, by a deletion, by its time, or with the main.
            for line in unmarked { try await store(line) }
            if list.hasMore {
                self.list = list
                unmarked = []
                return
            }
        }
        unmarked = [line]
    }

    /// - Throws: What the server says of the cursor, among others.
    func check() async throws(KVSClientError) { try await list?.checkLife() }
}
