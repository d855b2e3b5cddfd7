@testable import KVSStore
@testable import Wire

/// What libFuzzer calls with each input. The first byte chooses the parser, the second one is its
/// parameter, the others are its input.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    guard count >= 2, let target = FuzzTarget(rawValue: bytes[0] % 7) else { return -1 }
    target.run(parameter: bytes[1], UnsafeRawBufferPointer(rebasing: bytes[2...]))
    return 0
}

/// A parser of what comes from the network, and what must hold whatever comes.
enum FuzzTarget: UInt8 {
    case head, chunks, form, multipart, json, fields, requests

    func run(parameter: UInt8, _ input: UnsafeRawBufferPointer) {
        switch self {
        case .head: Self.fuzzHead(input, pieceBytes: Int(parameter) + 1)
        case .chunks: Self.fuzzChunks(input, pieceBytes: Int(parameter) + 1)
        case .form: Self.fuzzValue(input, contentType: nil)
        case .multipart: Self.fuzzMultipart(input, parameter: parameter)
        case .json: Self.fuzzValue(input, contentType: "application/json")
        case .fields: Self.fuzzFields(input)
        case .requests: Self.fuzzRequests(input, pieceBytes: Int(parameter) + 1)
        }
    }

    // MARK: - The guard

    /// The outcome does not depend on how the bytes are cut; what is taken lies inside the input.
    private static func fuzzHead(_ input: UnsafeRawBufferPointer, pieceBytes: Int) {
        func outcome(pieceBytes: Int) -> Outcome<RequestHead> {
            var parser = HeadParser()
            var count = 0
            while count < input.count {
                count = min(count + pieceBytes, input.count)
                do throws(Refusal) {
                    let seen = UnsafeRawBufferPointer(rebasing: input[..<count])
                    if let range = try parser.parse(seen) {
                        precondition(range.upperBound <= count && range.count <= 16_384 + 4_096)
                        checkEndToEnd(parser.head, UnsafeRawBufferPointer(rebasing: seen[range]))
                        return .complete(parser.head, end: range.upperBound)
                    }
                } catch {
                    return .refused(error.status)
                }
            }
            return .incomplete
        }
        let whole = outcome(pieceBytes: max(input.count, 1))
        precondition(outcome(pieceBytes: pieceBytes) == whole, "the cut changes the head")
    }

    /// What a gateway passes on is the same whether the guard has noted it or the lines are read again.
    private static func checkEndToEnd(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer) {
        let fields = FieldBlock(bytes: UnsafeRawBufferPointer(rebasing: bytes[head.fields]))
        let isOmitted = HopByHop.isOmittedFromRequest
        var noted = FieldLines()
        var read = FieldLines()
        let start = head.fields.lowerBound
        fields.writeEndToEndFields(to: &noted, omitting: head.omitted, at: start, by: isOmitted)
        fields.writeEndToEndFields(to: &read, by: isOmitted)
        precondition(noted.bytes.elementsEqual(read.bytes), "the guard notes other lines")
    }

    private static func fuzzChunks(_ input: UnsafeRawBufferPointer, pieceBytes: Int) {
        let limit = 4096
        func outcome(pieceBytes: Int) -> Outcome<[UInt8]> {
            var decoder = ChunkedDecoder(bodyBytes: limit)
            var body: [UInt8] = []
            var start = 0
            while start < input.count {
                let end = min(start + pieceBytes, input.count)
                do throws(Refusal) {
                    let piece = UnsafeRawBufferPointer(rebasing: input[start..<end])
                    let result = try decoder.decode(piece) { data throws(Refusal) in
                        body.append(contentsOf: data)
                    }
                    precondition(result.isComplete || result.consumed == piece.count)
                    precondition(body.count <= limit, "the limit does not hold")
                    if result.isComplete { return .complete(body, end: start + result.consumed) }
                } catch {
                    return .refused(error.status)
                }
                start = end
            }
            return .incomplete
        }
        let whole = outcome(pieceBytes: max(input.count, 1))
        precondition(outcome(pieceBytes: pieceBytes) == whole, "the cut changes the body")
    }

    /// Neither do the requests of a stream, and what is told of each lies in its head.
    private static func fuzzRequests(_ input: UnsafeRawBufferPointer, pieceBytes: Int) {
        let whole = FuzzedRequests.read(input, pieceBytes: max(input.count, 1))
        precondition(
            FuzzedRequests.read(input, pieceBytes: pieceBytes) == whole,
            "the cut changes the requests"
        )
    }

    /// What a parser makes of a stream.
    private enum Outcome<Result: Equatable>: Equatable {
        case complete(Result, end: Int)
        case incomplete
        /// The text may differ: a piece says less than the whole.
        case refused(HTTPStatus)
    }

    // MARK: - Values

    /// A value that was found is no longer than its body, and comes out of the store as it went in.
    private static func fuzzValue(_ body: UnsafeRawBufferPointer, contentType: [UInt8]?) {
        let found = (contentType ?? []).withUnsafeBytes { field in
            try? EncodedValue.find(in: body, contentType: contentType == nil ? nil : field)
        }
        guard let found else { return }
        precondition(found.decodedCount <= body.count)
        var value = [UInt8](repeating: 0, count: found.decodedCount)
        value.withUnsafeMutableBytes { value in
            found.decode(into: value)
            checkRoundTrip(UnsafeRawBufferPointer(value))
        }
    }

    private static func fuzzValue(_ body: UnsafeRawBufferPointer, contentType: String) {
        fuzzValue(body, contentType: Array(contentType.utf8))
    }

    /// The Content-Type comes out of the input as well, with its length in front.
    private static func fuzzMultipart(_ input: UnsafeRawBufferPointer, parameter: UInt8) {
        let count = min(Int(parameter), input.count)
        let field = Array("multipart/form-data; boundary=".utf8) + input[..<count]
        fuzzValue(UnsafeRawBufferPointer(rebasing: input[count...]), contentType: field)
    }

    /// What is stored is what is sent: a JSON string or base64, and both give the value back.
    private static func checkRoundTrip(_ value: UnsafeRawBufferPointer) {
        guard let escapedCount = JSONString.escapedCount(of: value) else {
            var encoded = [UInt8](repeating: 0, count: Base64.encodedCount(of: value.count))
            let count = encoded.withUnsafeMutableBytes { Base64.encode(value, into: $0) }
            precondition(count == encoded.count, "base64 is miscounted")
            return
        }
        var json = [UInt8](repeating: 0, count: escapedCount)
        let count = json.withUnsafeMutableBytes { JSONString.escape(value, into: $0) }
        precondition(count == escapedCount, "escapes are miscounted")
        let document = Array(#"{"val":""#.utf8) + json + Array(#""}"#.utf8)
        let found = document.withUnsafeBytes { document -> [UInt8]? in
            guard let found = try? JSONObjectDecoder.value(in: document) else { return nil }
            var decoded = [UInt8](repeating: 0, count: found.decodedCount)
            decoded.withUnsafeMutableBytes { found.decode(into: $0) }
            return decoded
        }
        precondition(found == Array(value), "a value does not survive its own escapes")
    }

    // MARK: - Fields

    /// Tags lie in what was read, one behind the other; two fields are as one with a comma between them.
    private static func fuzzConditions(_ input: UnsafeRawBufferPointer) {
        func outcome(of fields: [UnsafeRawBufferPointer]) -> (isAny: Bool, tags: Int)? {
            var condition = EntityTagCondition()
            var count = 0
            for field in fields {
                var taken = 0
                do throws(EntityTagCondition.Malformed) {
                    try condition.add(field) { tag in
                        count += 1
                        taken += tag.opaque.count + 2
                        precondition(taken <= field.count, "tags overlap")
                        precondition(!tag.opaque.contains(UInt8(ascii: "\"")), "a quote in a tag")
                    }
                } catch {
                    return nil
                }
            }
            precondition(!condition.isAny || count == 0, "* stands alone")
            return (condition.isAny, count)
        }
        let comma = input.firstIndex(of: UInt8(ascii: ",")) ?? input.count
        let rest = min(comma + 1, input.count)
        let parts = [input[..<comma], input[rest...]].map(UnsafeRawBufferPointer.init(rebasing:))
        guard let split = outcome(of: parts) else { return }
        guard let whole = outcome(of: [input]) else {
            preconditionFailure("what is in order in two fields is so in one")
        }
        precondition(whole == split, "the cut changes the condition")
    }

    /// A value that was decoded is no longer than it was, and than the limit.
    private static func fuzzQuery(_ input: UnsafeRawBufferPointer) {
        for parameter in QueryParameters(input) {
            _ = parameter.isNamed("prefix")
            parameter.withValue { value in
                let count = value?.count ?? 0
                precondition(count <= min(input.count, QueryParameter.maximumBytes))
                _ = value?.decimalNumber
                _ = value.flatMap { Hexadecimal.number($0) }
            }
        }
    }

    private static func fuzzFields(_ input: UnsafeRawBufferPointer) {
        var accepted = MediaRange()
        accepted.add(input)
        _ = accepted.prefersOctetStream
        _ = MediaType(input)
        fuzzConditions(input)
        fuzzQuery(input)
        if let key = try? Key(input) {
            precondition(key.withUnsafeBytes { $0.elementsEqual(input) })
        }
        withUnsafeTemporaryAllocation(byteCount: Key.maxBytes, alignment: 1) { room in
            guard let count = try? PercentEncoding.decode(input, into: room) else { return }
            precondition(count <= input.count)
            _ = try? Key(UnsafeRawBufferPointer(rebasing: room[..<min(count, room.count)]))
        }
    }
}
