/// The keys of a list, page by page as they come.
struct ListedKeys {
    /// One reply to a list.
    struct Page {
        let keys: [String]
        /// Where the next one begins; nil where this is the last.
        let cursor: String?

        /// - Parameter isExact: Whether it must be the text to the byte, as a kvs writes it.
        /// - Returns: nil where the reply is none.
        init?(_ reply: ContractReply, isExact: Bool) {
            guard reply.status == 200, let fields = FlatJSON(reply.body)?.fields,
                fields["msg"] == .text("success"), case .texts(let keys) = fields["keys"]
            else { return nil }
            switch fields["cursor"] {
            case nil: cursor = nil
            case .text(let text): cursor = text
            default: return nil
            }
            self.keys = keys
            guard !isExact || reply.body.elementsEqual(text.utf8) else { return nil }
        }

        private var text: String {
            let list = keys.map { "\"\($0)\"" }.joined(separator: ",")
            let end = cursor.map { ",\"cursor\":\"\($0)\"" } ?? ""
            return "{\"msg\":\"success\",\"keys\":[\(list)]\(end)}"
        }
    }

    /// Whoever always gives another cursor is asked no more: a page of a quarter of a second takes a store of
    /// more than a billion keys to this.
    private static let maximumPages = 1000

    private var keys: [String] = []
    private var pageCount = 0
    private var hasOnlyWhatFits = true

    /// - Returns: The cursor to go on with, where there is more to ask.
    mutating func add(_ page: Page, limit: Int) -> String? {
        keys += page.keys
        pageCount += 1
        hasOnlyWhatFits = hasOnlyWhatFits && page.keys.count <= limit
        return pageCount < Self.maximumPages ? page.cursor : nil
    }

    /// Whether each of these keys was there once, and no other, in pages that are not too long.
    func isMet(by expected: [String], isLast: Bool) -> Bool {
        isLast && hasOnlyWhatFits && keys.sorted() == expected.sorted()
    }

    var description: String { "200 keys: \(keys.count), pages: \(pageCount)" }
}
