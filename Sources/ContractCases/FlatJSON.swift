/// A JSON object of texts, numbers and literals, or arrays of texts: every reply of kvs is one.
///
/// A reader of its own, so that what checks a server is not what the server is made of.
struct FlatJSON: Equatable {
    enum Value: Equatable {
        case text(String)
        case number(String)
        /// `true`, `false`, `null`.
        case literal(String)
        case texts([String])
    }

    private(set) var fields: [String: Value] = [:]

    /// - Returns: nil where the bytes are anything else; also with one name twice.
    init?(_ bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        var rest = text.unicodeScalars[...]
        guard Self.take("{", from: &rest) else { return nil }
        if !Self.take("}", from: &rest) {
            repeat {
                guard let name = Self.string(from: &rest), Self.take(":", from: &rest),
                    let value = Self.value(from: &rest), fields[name] == nil
                else { return nil }
                fields[name] = value
            } while Self.take(",", from: &rest)
            guard Self.take("}", from: &rest) else { return nil }
        }
        guard rest.allSatisfy(Self.isSpace) else { return nil }
    }

    private typealias Rest = Substring.UnicodeScalarView

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        [" ", "\t", "\n", "\r"].contains(scalar)
    }

    private static func take(_ scalar: Unicode.Scalar, from rest: inout Rest) -> Bool {
        rest = rest.drop(while: isSpace)
        guard rest.first == scalar else { return false }
        rest = rest.dropFirst()
        return true
    }

    private static func value(from rest: inout Rest) -> Value? {
        rest = rest.drop(while: isSpace)
        if rest.first == "\"" { return string(from: &rest).map(Value.text) }
        if rest.first == "[" { return strings(from: &rest).map(Value.texts) }
        let word = String(
            rest.prefix {
                $0.properties.isAlphabetic || "+-.0123456789".unicodeScalars.contains($0)
            }
        )
        rest = rest.dropFirst(word.unicodeScalars.count)
        if ["true", "false", "null"].contains(word) { return .literal(word) }
        return Double(word) == nil ? nil : .number(word)
    }

    private static func strings(from rest: inout Rest) -> [String]? {
        var strings: [String] = []
        guard take("[", from: &rest) else { return nil }
        if take("]", from: &rest) { return strings }
        repeat {
            guard let string = string(from: &rest) else { return nil }
            strings.append(string)
        } while take(",", from: &rest)
        return take("]", from: &rest) ? strings : nil
    }

    private static func string(from rest: inout Rest) -> String? {
        guard take("\"", from: &rest) else { return nil }
        var units: [UInt16] = []
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\"":
                // A lone surrogate is no text.
                return String(validating: units, as: UTF16.self)
            case "\\":
                guard let unit = escape(from: &rest) else { return nil }
                units.append(unit)
            case ..<" ": return nil
            default: units.append(contentsOf: UTF16.encode(scalar).map(Array.init) ?? [])
            }
        }
        return nil
    }

    private static func escape(from rest: inout Rest) -> UInt16? {
        guard let scalar = rest.popFirst() else { return nil }
        switch scalar {
        case "\"", "\\", "/": return UInt16(scalar.value)
        case "b": return 0x08
        case "f": return 0x0C
        case "n": return 0x0A
        case "r": return 0x0D
        case "t": return 0x09
        case "u":
            let digits = String(rest.prefix(4))
            rest = rest.dropFirst(4)
            guard digits.utf8.count == 4, digits.first != "+", digits.first != "-" else {
                return nil
            }
            return UInt16(digits, radix: 16)
        default: return nil
        }
    }
}
