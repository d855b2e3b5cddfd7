import TestSupport
import Testing

@testable import Wire

@Suite("FieldName and KnownFields")
struct FieldNameTests {
    private static let names: [(String, FieldName)] = [
        ("accept", .accept), ("connection", .connection), ("content-encoding", .contentEncoding),
        ("content-range", .contentRange), ("content-type", .contentType), ("if-match", .ifMatch),
        ("if-none-match", .ifNoneMatch), ("via", .via), ("x-forwarded-for", .xForwardedFor),
        ("x-request-id", .xRequestID),
    ]

    private static func field(_ name: [UInt8]) -> FieldName? {
        withExactBytes(name) { FieldName($0) }
    }

    @Test("Each name is known in any case, and there are no others")
    func known() {
        for (name, field) in Self.names {
            for name in [name, name.uppercased(), name.capitalized] {
                #expect(Self.field([UInt8](name)) == field)
            }
        }
        #expect(Self.names.map(\.1).sorted { $0.rawValue < $1.rawValue } == FieldName.allCases)
    }

    @Test("A name with one byte wrong, too few or too many is none")
    func unknown() {
        for (name, _) in Self.names {
            let name = [UInt8](name)
            for index in name.indices {
                for byte in [name[index] ^ 1, name[index] ^ 0x80, 0, UInt8(ascii: "_")] {
                    var other = name
                    other[index] = byte
                    #expect(Self.field(other) == nil)
                }
                var other = name
                other.remove(at: index)
                #expect(Self.field(other) == nil)
            }
            #expect(Self.field(name + name.suffix(1)) == nil)
        }
        #expect(Self.field([]) == nil)
    }

    @Test("The first place of each field is kept, and whether there are several")
    func places() {
        var known = KnownFields()
        for (number, field) in FieldName.allCases.enumerated() {
            #expect(!known.contains(field) && !known.isRepeated(field))
            #expect(known.place(of: field) == nil)
            known.note(field, at: 100 * number, number)
            #expect(known.contains(field) && !known.isRepeated(field))
        }
        for (number, field) in FieldName.allCases.enumerated() {
            #expect(known.place(of: field) == (100 * number)..<(101 * number))
        }
        // What repeats is told of these alone.
        known.note(.contentRange, at: 5000, 50)
        known.note(.contentRange, at: 6000, 60)
        known.note(.via, at: 7000, 70)
        #expect(FieldName.allCases.filter { known.isRepeated($0) } == [.contentRange, .via])
        for (number, field) in FieldName.allCases.enumerated() {
            #expect(known.place(of: field) == (100 * number)..<(101 * number))
        }
    }

    @Test("A place may be anywhere in the longest head, and as long as that")
    func largePlaces() {
        for field in FieldName.allCases {
            for place in [0..<0, 0..<65_535, 65_535..<65_535, 32_768..<65_535, 65_535..<131_070] {
                var known = KnownFields()
                known.note(field, at: place.lowerBound, place.count)
                #expect(known.place(of: field) == place)
            }
        }
        let limits = HeadParser.Limits()
        #expect(limits.headBytes + limits.viaBytes <= 65_535)
    }
}
