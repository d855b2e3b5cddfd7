import KVSClient

/// The keys that begin with a prefix, page by page.
struct KeyList {
    private enum Place {
        case beginning
        case cursor(String)
        case end
    }

    private let client: KVSClient
    private let calls: PatientCalls
    private let prefix: String
    private var place = Place.beginning
    private var progress = CursorProgress()
    /// The first cursor that there was; nil where one key is all there is.
    private var firstCursor: String?

    init(_ client: KVSClient, prefix: String, _ calls: PatientCalls = PatientCalls(maximum: 1)) {
        (self.client, self.calls, self.prefix) = (client, calls, prefix)
    }

    /// Whether there is a next page.
    var hasMore: Bool { if case .cursor = place { true } else { false } }

    /// The next keys, perhaps none; nil behind the last ones.
    mutating func next() async throws(KVSClientError) -> [String]? {
        let page: KeyPage
        switch place {
        // One key: so there is a cursor wherever there are more.
        case .beginning: page = try await self.page(limit: 1)
        // The most that the server gives.
        case .cursor(let cursor): page = try await self.page(cursor, limit: 10_000)
        case .end: return nil
        }
        firstCursor = firstCursor ?? page.cursor
        if let cursor = page.cursor {
            guard progress.isNew(cursor) else {
                throw .refused(status: 200, message: "the list of keys does not get on")
            }
            place = .cursor(cursor)
        } else {
            place = .end
        }
        return page.keys
    }

    /// Makes sure that the keys were all of one main's life: one that is started anew has none any more, and
    /// that must not look like a deletion of them all. A cursor is good for one life only.
    ///
    /// - Throws: What the server says of the cursor, among others.
    func checkLife() async throws(KVSClientError) {
        guard let firstCursor else { return }
        _ = try await page(firstCursor, limit: 1)
    }

    private func page(
        _ cursor: String? = nil,
        limit: Int
    ) async throws(KVSClientError) -> KeyPage {
        do throws(KVSClientError) {
            return try await calls.make { _ throws(KVSClientError) in
                try await client.keys(prefix: prefix, cursor: cursor, limit: limit)
            }
        } catch {
            // Nothing else is wrong with a cursor that the server has given.
            guard case .refused(400, _) = error, cursor != nil else { throw error }
            throw .refused(
                status: 400,
                message: "the main was started anew meanwhile: run it again"
            )
        }
    }
}

/// Whether a list gets on: one whose cursors come again has no end. By Brent's algorithm, which keeps two of
/// them, and finds a cycle within a few times its length.
private struct CursorProgress {
    private var last: String?
    private var kept: String?
    private var stepCount = 0
    private var maximumSteps = 1

    mutating func isNew(_ cursor: String) -> Bool {
        guard cursor != last, cursor != kept else { return false }
        last = cursor
        stepCount += 1
        if stepCount == maximumSteps {
            (kept, stepCount) = (cursor, 0)
            maximumSteps *= 2
        }
        return true
    }
}
