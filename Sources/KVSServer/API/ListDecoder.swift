import EventHTTP
import KVSStore
import Wire

/// What a request for a list of keys asks for: `?prefix=…&limit=…&cursor=…`.
///
/// An empty parameter is one that is not there. One of another name is refused: whoever misspells `prefix`
/// would get all keys.
struct ListDecoder {
    static let maximumLimit = 10_000
    private static let defaultLimit = 1000

    private var prefix: Key?
    private var limit: Int?
    private var place: ListPlace?
    private var seen: UInt8 = 0

    static func query(of text: UnsafeRawBufferPointer) throws(APIError) -> KeyQuery {
        var decoder = ListDecoder()
        for parameter in QueryParameters(text) { try decoder.take(parameter) }
        return KeyQuery(
            prefix: decoder.prefix,
            place: decoder.place,
            limit: decoder.limit ?? defaultLimit
        )
    }

    private mutating func take(_ parameter: QueryParameter) throws(APIError) {
        if parameter.isNamed("prefix") {
            try note(0)
            prefix = try parameter.withValue { value throws(APIError) in
                guard let value else { throw .invalidPrefix }
                guard !value.isEmpty else { return nil }
                do throws(Key.Invalid) {
                    return try Key(value)
                } catch {
                    throw .invalidPrefix
                }
            }
        } else if parameter.isNamed("limit") {
            try note(1)
            limit = try parameter.withValue { value throws(APIError) in
                if let value, value.isEmpty { return nil }
                guard let number = value?.decimalNumber, (1...Self.maximumLimit).contains(number)
                else { throw .invalidLimit }
                return number
            }
        } else if parameter.isNamed("cursor") {
            try note(2)
            place = try parameter.withValue { value throws(APIError) in
                if let value, value.isEmpty { return nil }
                guard let place = value.flatMap(ListPlace.init(cursor:)) else {
                    throw .unknownCursor
                }
                return place
            }
        } else {
            throw .unknownListParameter
        }
    }

    private mutating func note(_ parameter: UInt8) throws(APIError) {
        guard seen >> parameter & 1 == 0 else { throw .listParameterRepeated }
        seen |= 1 << parameter
    }
}

extension ListPlace {
    /// Reads what ``cursor`` wrote.
    init?(cursor: UnsafeRawBufferPointer) {
        guard cursor.count == 32, let list = Hexadecimal.number(cursor.slice(0..<16)),
            let position = Hexadecimal.number(cursor.slice(16..<32))
        else { return nil }
        self.init(list: list, position: position)
    }

    /// What a client sends back to go on from here.
    var cursor: String {
        [list, position].reduce(into: "") { text, half in
            withUnsafeBytes(of: Hexadecimal.digits(of: half)) {
                text += String(decoding: $0, as: UTF8.self)
            }
        }
    }
}
