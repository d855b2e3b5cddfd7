import Glibc
import Testing

@testable import Wire

@Suite("HTTPDate")
struct HTTPDateTests {
    /// The date by the C library, whose locale is "C" as long as nobody sets another.
    private static func reference(_ second: time_t) -> String {
        var second = second
        var parts = tm()
        gmtime_r(&second, &parts)
        var text = [CChar](repeating: 0, count: 64)
        let count = strftime(&text, text.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
        return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    @Test(
        "A second has the text that RFC 9110 §5.6.7 gives it",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 GMT"),
            (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
        ]
    )
    func known(second: time_t, expected: String) {
        let date = HTTPDate()
        let text = String(cString: date.text(at: second))
        #expect(text == expected)
        #expect(text.utf8.count == HTTPDate.count)
    }

    @Test("The same as the C library's, day by day over years, at all times of the day")
    func days() {
        let date = HTTPDate()
        for day in 0..<3000 {
            let second = 1_700_000_000 + 86_400 * day + 7919 * day % 86_400
            let text = String(cString: date.text(at: second))
            if text != Self.reference(second) { Issue.record("\(text) is \(second)") }
        }
    }

    @Test("What follows the date stays as it is, whatever the date", arguments: 0...3)
    func suffixes(count: Int) {
        let date =
            switch count {
            case 0: HTTPDate()
            case 1: HTTPDate(followedBy: "\r\nA: b")
            case 2: HTTPDate(followedBy: "\r\nA: b", "\r\nC: d, e")
            default: HTTPDate(followedBy: "", "x", "", room: 3)
            }
        let suffix = ["", "\r\nA: b", "\r\nA: b\r\nC: d, e", "x"][count]
        #expect(date.textCount == HTTPDate.count + suffix.utf8.count)
        for second in [784_111_777, 784_111_777, 784_111_778, 0] {
            #expect(String(cString: date.text(at: second)) == Self.reference(second) + suffix)
        }
    }

    @Test("The pointer stays the same; the text is that of the last second that was asked for")
    func pointer() {
        let date = HTTPDate()
        let first = date.text(at: 1)
        #expect(date.text(at: 2) == first)
        #expect(String(cString: first) == Self.reference(2))
        // Time may be set back.
        #expect(date.text(at: 1) == first)
        #expect(String(cString: first) == Self.reference(1))
    }

    @Test("Within a second the text is not written again")
    func once() {
        let date = HTTPDate()
        let text = date.text(at: 5)
        text[0] = CChar(bitPattern: UInt8(ascii: "X"))
        #expect(String(cString: date.text(at: 5)).hasPrefix("X"))
        #expect(String(cString: date.text(at: 6)) == Self.reference(6))
    }

    @Test("Without a second it is the present one")
    func present() {
        let date = HTTPDate()
        let before = time(nil)
        let text = String(cString: date.text())
        let after = time(nil)
        #expect((before...after).map(Self.reference).contains(text))
    }
}
