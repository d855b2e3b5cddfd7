import Foundation
import Testing

/// A page of a list, as it comes.
struct ListPage: Decodable, Equatable {
    var msg: String
    var keys: [String]
    var cursor: String?
}

extension HTTPClient {
    /// One page.
    func page(_ query: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> ListPage
    {
        let reply = try send("GET", "/kvs?\(query)")
        #expect(reply.status == 200, "\(reply.text)", sourceLocation: sourceLocation)
        #expect(reply[header: "Content-Type"] == "application/json")
        #expect(reply[header: "Content-Length"] == "\(reply.body.count)")
        return try JSONDecoder().decode(ListPage.self, from: Data(reply.body))
    }

    /// All pages.
    func pages(
        prefix: String,
        limit: Int,
        betweenPages: () throws -> Void = {}
    ) throws -> [ListPage] {
        var pages = [try page("prefix=\(prefix)&limit=\(limit)")]
        while let cursor = pages.last?.cursor {
            try betweenPages()
            pages.append(try page("prefix=\(prefix)&limit=\(limit)&cursor=\(cursor)"))
        }
        return pages
    }
}
