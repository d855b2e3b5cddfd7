import TestSupport
import Testing

@testable import Wire

@Suite("Entity tags (RFC 9110 §8.8.3, §13.1.1)")
struct EntityTagTests {
    /// The tags of all fields, each as it is written; nil where they are malformed.
    private static func tags(_ fields: String...) -> (tags: [String], isAny: Bool)? {
        var condition = EntityTagCondition()
        var tags: [String] = []
        for field in fields {
            let isWellFormed = withExactBytes([UInt8](field.utf8)) { value in
                do throws(EntityTagCondition.Malformed) {
                    try condition.add(value) { tag in
                        let text = String(decoding: tag.opaque, as: UTF8.self)
                        tags.append((tag.isWeak ? "W/" : "") + text)
                    }
                    return true
                } catch {
                    return false
                }
            }
            guard isWellFormed else { return nil }
        }
        return (tags, condition.isAny)
    }

    @Test(
        "Tags are read one by one, over all fields",
        arguments: [
            (["\"a\""], ["a"]), (["\"\""], [""]), (["\"a\", \"b\""], ["a", "b"]),
            (["\"a\",\"b\""], ["a", "b"]), (["\"a\"", "\"b\""], ["a", "b"]),
            (["W/\"a\", \"b\""], ["W/a", "b"]), (["\"a,b\""], ["a,b"]), (["\"*\""], ["*"]),
            ([" ,, \"a\" \t, ,\"b\",, "], ["a", "b"]), (["\"é!#\\\""], ["é!#\\"]),
            ([""], []), ([",", " "], []), (["\"W/\""], ["W/"]),
        ]
    )
    func wellFormed(fields: [String], tags: [String]) throws {
        var condition = EntityTagCondition()
        var found: [String] = []
        for field in fields {
            try withExactBytes([UInt8](field.utf8)) { value in
                try condition.add(value) { tag in
                    let text = String(decoding: tag.opaque, as: UTF8.self)
                    found.append((tag.isWeak ? "W/" : "") + text)
                }
            }
        }
        #expect(found == tags)
        #expect(!condition.isAny)
    }

    @Test("A star stands alone, in one field of several", arguments: ["*", " * ", ",*,"])
    func star(text: String) throws {
        let result = try #require(Self.tags(text))
        #expect(result.isAny && result.tags.isEmpty)
        #expect(Self.tags("", text)?.isAny == true)
        #expect(Self.tags(text, "*") == nil)
        #expect(Self.tags(text, "\"a\"") == nil)
        #expect(Self.tags("\"a\"", text) == nil)
    }

    @Test(
        "Anything else is malformed",
        arguments: [
            "a", "\"a", "a\"", "\"", "\"a\" \"b\"", "\"a\"\"b\"", "\"a\";q=1", "w/\"a\"", "W\"a\"",
            "W/ \"a\"", "W/a", "W/", "W", "/\"a\"", "\"a b\"", "\"a\tb\"", "\"a\u{7F}\"", "'a'",
            "**", "*a", "* *", "\"a\",b", "\"a\", *", "*, \"a\"", "\"\u{1}\"", "\"a\" ,\"",
        ]
    )
    func malformed(text: String) {
        #expect(Self.tags(text) == nil)
        #expect(Self.tags("\"first\"", text) == nil)
    }
}
