import Testing

@testable import KVSStore

@Suite("Precondition")
struct PreconditionTests {
    private static let present = Item.make("foo", "bar")
    private static let other = Item.make("foo", "baz").tag

    @Test("A match wants the key to be there, with one of the contents")
    func match() {
        let any = Precondition(match: .any, noneMatch: nil)
        #expect(any.holds(for: Self.present))
        #expect(!any.holds(for: nil))
        let tags = Precondition(match: .oneOf([Self.other, Self.present.tag]), noneMatch: nil)
        #expect(tags.holds(for: Self.present))
        #expect(!tags.holds(for: nil))
        let others = Precondition(match: .oneOf([Self.other]), noneMatch: nil)
        #expect(!others.holds(for: Self.present))
        #expect(!Precondition(match: .oneOf([]), noneMatch: nil).holds(for: Self.present))
    }

    @Test("A none-match wants the key not to be there, or with none of the contents")
    func noneMatch() {
        let any = Precondition(match: nil, noneMatch: .any)
        #expect(!any.holds(for: Self.present))
        #expect(any.holds(for: nil))
        let others = Precondition(match: nil, noneMatch: .oneOf([Self.other]))
        #expect(others.holds(for: Self.present))
        let tags = Precondition(match: nil, noneMatch: .oneOf([Self.other, Self.present.tag]))
        #expect(!tags.holds(for: Self.present))
        #expect(tags.holds(for: nil))
    }

    @Test("Both must hold")
    func both() {
        let tag = Self.present.tag
        let contradiction = Precondition(match: .oneOf([tag]), noneMatch: .oneOf([tag]))
        #expect(!contradiction.holds(for: Self.present))
        #expect(!contradiction.holds(for: nil))
    }

    @Test("A write that is not to be done changes nothing, and says what is there")
    func store() async {
        let store = KeyValueStore(maxBytes: .max)
        _ = await store.put(Self.present)
        let condition = Precondition(match: .oneOf([Self.other]), noneMatch: nil)
        guard
            case .preconditionFailed(let there) = await store.put(.make("foo", "x"), if: condition)
        else {
            Issue.record("the put was done")
            return
        }
        #expect(there?.identity == Self.present.identity)
        #expect(await store.remove(Key("foo"), if: condition).isPreconditionFailed)
        #expect(await store.item(for: Key("foo"))?.identity == Self.present.identity)
        #expect(await store.remove(Key("bar"), if: condition).isAbsent)
        let right = Precondition(match: .oneOf([Self.present.tag]), noneMatch: nil)
        #expect(await store.remove(Key("foo"), if: right).removed != nil)
    }
}

@Suite("ContentTag")
struct ContentTagTests {
    @Test("A tag is XXH3-128 of the value's bytes, as xxh128sum prints it")
    func known() {
        // printf hello | xxh128sum
        let hello = ContentTag(high: 0xb5e9_c1ad_071b_3e7f, low: 0xc779_cfaa_5e52_3818)
        #expect(Item.make("k", "hello").tag == hello)
        #expect(Item.make("another_key", "hello").tag == hello)
        // xxh128sum /dev/null
        let nothing = ContentTag(high: 0x99aa_06d3_0147_98d8, low: 0x6001_c324_468d_497f)
        #expect(Item.make("k", "").tag == nothing)
    }

    @Test(
        "It is the same however the value is stored, and whether the tag is kept or made anew",
        arguments: [0, 1, 100, 4095, 4096, 4097, 1_572_864]
    )
    func stored(count: Int) {
        for byte in [UInt8(ascii: "v"), UInt8(ascii: "\""), 0xFF] {
            let value = [UInt8](repeating: byte, count: count)
            let item = Item.make("key", value)
            #expect(item.tag == value.withUnsafeBytes { ContentTag(of: $0) })
            #expect(item.rawValue == value)
        }
    }
}
