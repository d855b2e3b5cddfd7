@testable import Wire

/// What the reader makes of a stream of requests, given to it as a connection does.
struct FuzzedRequests: Equatable {
    struct Request: Equatable {
        var method: HTTPMethod?
        var target: [UInt8]
        /// The values of the fields that somebody asks for.
        var known: [[UInt8]] = []
        var body: [UInt8]
    }

    private static let limits = RequestReader.Limits(bodyBytes: 4096)

    var requests: [Request] = []
    /// The text may differ: a piece says less than the whole.
    var refusal: HTTPStatus?
    var hasBegun = false

    static func read(_ input: UnsafeRawBufferPointer, pieceBytes: Int) -> FuzzedRequests {
        var reader = RequestReader(limits: limits)
        var result = FuzzedRequests()
        var body: [UInt8] = []
        var start = 0
        do throws(Refusal) {
            while start < input.count {
                let end = min(start + pieceBytes, input.count)
                while start < end {
                    let piece = input.slice(start..<end)
                    let step = try reader.take(piece) { data throws(Refusal) in
                        body.append(contentsOf: data)
                    }
                    precondition(step.consumed <= piece.count, "more is taken than there was")
                    start += step.consumed
                    guard reader.isComplete else {
                        precondition(start == end || step.hasEndedHead, "bytes are left over")
                        continue
                    }
                    precondition(reader.keep(input.slice(start..<end)))
                    start = end
                    result.requests.append(Self.answer(&reader, &body))
                }
                while reader.hasBacklog {
                    let count = reader.backlogCount
                    let step = try reader.takeBacklog { data throws(Refusal) in
                        body.append(contentsOf: data)
                    }
                    precondition(reader.backlogCount == count - step.consumed)
                    precondition(step.consumed > 0, "bytes are left over")
                    if reader.isComplete { result.requests.append(Self.answer(&reader, &body)) }
                }
                precondition(reader.heldBytes <= 16_384 + 4096, "more than a head is held")
            }
        } catch {
            result.refusal = error.status
        }
        // Nobody asks behind a refusal.
        if result.refusal == nil { result.hasBegun = reader.hasBegun }
        return result
    }

    private static func answer(_ reader: inout RequestReader, _ body: inout [UInt8]) -> Request {
        var request = Request(method: reader.method, target: Array(reader.target), body: body)
        for name in FieldName.allCases {
            let first = reader.field(name).map { Array($0) }
            var values: [[UInt8]] = []
            reader.forEachField(name) { values.append(Array($0)) }
            precondition(values.first == first, "a known field is in another place")
            var count = 0
            reader.fields.forEach { other, _ in if FieldName(other) == name { count += 1 } }
            precondition(values.count == count, "a known field is counted wrongly")
            request.known += values
        }
        precondition(body.count <= limits.bodyBytes, "the limit does not hold")
        precondition(body.isEmpty || request.method?.hasContent == true)
        body = []
        reader.finish()
        return request
    }
}
