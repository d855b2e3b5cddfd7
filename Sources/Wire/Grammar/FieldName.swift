/// The fields that somebody asks for, beside those that the guard alone understands.
@usableFromInline
package enum FieldName: UInt8, CaseIterable, Sendable {
    case accept, connection, contentEncoding, contentRange, contentType, ifMatch, ifNoneMatch, via
    case xForwardedFor, xRequestID

    /// Whether a gateway writes it anew, or it is for one hop only: ``HopByHop/isOmittedFromRequest(_:)``.
    var isForGateways: Bool {
        switch self {
        case .connection, .via, .xForwardedFor, .xRequestID: true
        case .accept, .contentEncoding, .contentRange, .contentType, .ifMatch, .ifNoneMatch: false
        }
    }

    /// The field of that name, in any case.
    init?(_ name: UnsafeRawBufferPointer) {
        switch name.count {
        case 3 where name.equalsIgnoringCase("via"): self = .via
        case 6 where name.equalsIgnoringCase("accept"): self = .accept
        case 8 where name.equalsIgnoringCase("if-match"): self = .ifMatch
        case 10 where name.equalsIgnoringCase("connection"): self = .connection
        case 12 where name.equalsIgnoringCase("content-type"): self = .contentType
        case 12 where name.equalsIgnoringCase("x-request-id"): self = .xRequestID
        case 13 where name.equalsIgnoringCase("content-range"): self = .contentRange
        case 13 where name.equalsIgnoringCase("if-none-match"): self = .ifNoneMatch
        case 15 where name.equalsIgnoringCase("x-forwarded-for"): self = .xForwardedFor
        case 16 where name.equalsIgnoringCase("content-encoding"): self = .contentEncoding
        default: return nil
        }
    }
}

/// Where a head has the fields of ``FieldName``: the guard has seen them all, and nobody looks again.
@usableFromInline
package struct KnownFields: Sendable {
    /// Of the first field of each name: where its value begins, times 65,536, and its length. A head is
    /// shorter than 64 KiB.
    @usableFromInline var places = SIMD16<UInt32>()
    @usableFromInline var present: UInt16 = 0
    @usableFromInline var repeated: UInt16 = 0

    @inlinable @inline(__always)
    package func contains(_ name: FieldName) -> Bool { present >> name.rawValue & 1 != 0 }

    /// Whether there are fields that make the request conditional (RFC 9110 §13.1).
    @inlinable @inline(__always)
    package var areConditional: Bool {
        present & (1 << FieldName.ifMatch.rawValue | 1 << FieldName.ifNoneMatch.rawValue) != 0
    }

    /// Whether there are several fields of that name.
    @inlinable @inline(__always)
    package func isRepeated(_ name: FieldName) -> Bool { repeated >> name.rawValue & 1 != 0 }

    /// The value of the first field of that name, without white space around it.
    @inlinable
    package func place(of name: FieldName) -> Range<Int>? {
        guard contains(name) else { return nil }
        let place = places[Int(name.rawValue)]
        let start = Int(place >> 16)
        return start..<(start + Int(place & 0xFFFF))
    }

    mutating func note(_ name: FieldName, at start: Int, _ count: Int) {
        let bit: UInt16 = 1 << name.rawValue
        if present & bit != 0 {
            repeated |= bit
        } else {
            present |= bit
            places[Int(name.rawValue)] = UInt32(start) << 16 | UInt32(count)
        }
    }
}

extension KnownFields: Equatable {
    @usableFromInline
    package static func == (left: KnownFields, right: KnownFields) -> Bool {
        left.present == right.present && left.repeated == right.repeated
            && FieldName.allCases.allSatisfy { left.place(of: $0) == right.place(of: $0) }
    }
}
