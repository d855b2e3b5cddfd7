import CLibevent
import Glibc

/// From the guard to evhttp, one complete request at a time.
extension HTTPConnection {
    /// Looks at `bytes`: a head, or a piece of a body.
    ///
    /// - Returns: How many bytes were used, and whether a request is complete with them.
    func advance(
        _ bytes: UnsafeRawBufferPointer
    ) throws(Refusal) -> (consumed: Int, isComplete: Bool) {
        switch phase {
        case .head:
            return try advanceHead(bytes)
        case .body(let remaining, let isDiscarded):
            let count = min(remaining, bytes.count)
            if !isDiscarded, !input.append(bytes.slice(0..<count)) { throw .serverIsFull }
            phase = .body(remaining: remaining - count, isDiscarded: isDiscarded)
            return (count, count == remaining)
        case .chunks(var decoder, let isDiscarded):
            let body = try chunkedBodyBuffer()
            let result = try decoder.decode(bytes) { piece throws(Refusal) in
                if !isDiscarded, !body.append(piece) { throw .serverIsFull }
            }
            phase = .chunks(decoder, isDiscarded: isDiscarded)
            if result.isComplete, !isDiscarded { try handOverChunkedBody(body) }
            return (result.consumed, result.isComplete)
        }
    }

    private func advanceHead(
        _ bytes: UnsafeRawBufferPointer
    ) throws(Refusal) -> (consumed: Int, isComplete: Bool) {
        if !requestHasBegun, bytes.contains(where: { $0 != 0x0D && $0 != 0x0A }) {
            // From the first byte on, whatever the rhythm of the others.
            requestHasBegun = true
            deadlineIsForIdle = false
            setDeadline(ticks: server.limits.requestTicks)
        }
        if partialHead.isEmpty {
            guard let (head, range) = try parser.parse(bytes) else {
                guard Headroom.isThere(for: bytes.count) else { throw .serverIsFull }
                partialHead.append(contentsOf: bytes)
                return (bytes.count, false)
            }
            try begin(head, bytes.slice(range), behind: bytes.count - range.upperBound)
            return (range.upperBound, phase.isHead)
        }
        let before = partialHead.count
        partialHead.append(contentsOf: bytes)
        let whole = partialHead
        let end = try whole.span.bytes.withUnsafeBytes { whole throws(Refusal) -> Int? in
            guard let (head, range) = try parser.parse(whole) else { return nil }
            try begin(head, whole.slice(range), behind: whole.count - range.upperBound)
            return range.upperBound
        }
        guard let end else { return (bytes.count, false) }
        partialHead = []
        return (end - before, phase.isHead)
    }

    /// Feeds a checked head to evhttp and prepares for its body.
    ///
    /// - Parameter behind: Bytes that are already there behind the head.
    private func begin(
        _ head: RequestHead,
        _ bytes: UnsafeRawBufferPointer,
        behind: Int
    ) throws(Refusal) {
        guard server.hasMemoryForRequest() else { throw .serverIsFull }
        self.head = head
        bodyBytes = 0
        let isDiscarded = !head.method.evhttpReadsBody
        switch head.framing {
        case .none: break
        case .length(let length):
            if length > server.limits.bodyBytes {
                // Who waits for 100 sends no body.
                bytesToDrain = head.expectsContinue && behind == 0 ? 0 : max(0, length - behind)
                throw .bodyTooLarge
            }
            phase = .body(remaining: length, isDiscarded: isDiscarded)
            if !isDiscarded { bodyBytes = length }
        case .chunked:
            let decoder = ChunkedDecoder(bodyBytes: server.limits.bodyBytes)
            phase = .chunks(decoder, isDiscarded: isDiscarded)
        }
        parser = HeadParser(limits: server.limits.head)
        let isFed =
            head.hasLeadingTabs
            ? bytes.replacingLeadingTabs().withUnsafeBytes { feed(head, $0) }
            : feed(head, bytes)
        guard isFed else { throw .serverIsFull }
        if head.expectsContinue, behind == 0 {
            // evhttp would send it as well, but never gets to see a head without its body.
            let output = EventBuffer(pointer: try outgoingBuffer())
            guard output.append("HTTP/1.1 100 Continue\r\n\r\n") else { throw .serverIsFull }
        }
    }

    /// Gives a head to evhttp.
    private func feed(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer) -> Bool {
        var start = 0
        if head.method == .other {
            // evhttp refuses a line shorter than `GET / HTTP/1.0`, and need not know the method.
            guard input.append("OTHER") else { return false }
            start = bytes.firstIndex(of: UInt8(ascii: " ")) ?? 0
        }
        guard let target = head.absoluteTarget else {
            return input.append(bytes.slice(start..<bytes.count))
        }
        // RFC 9112 §3.2.2; evhttp would take the request for one to a proxy.
        let path = target.path
        return input.append(bytes.slice(start..<target.start))
            && (bytes[path] == UInt8(ascii: "/") || input.append("/"))
            && input.append(bytes.slice(path..<bytes.count))
    }

    private var input: EventBuffer { EventBuffer(pointer: bufferevent_get_input(bufferevent)) }

    private func chunkedBodyBuffer() throws(Refusal) -> EventBuffer {
        if let chunkedBody { return EventBuffer(pointer: chunkedBody) }
        guard let buffer = evbuffer_new() else { throw .serverIsFull }
        chunkedBody = buffer
        return EventBuffer(pointer: buffer)
    }

    /// evhttp gets the body as a single chunk in canonical form.
    private func handOverChunkedBody(_ body: EventBuffer) throws(Refusal) {
        bodyBytes = body.count
        let isFed =
            body.isEmpty
            || input.append(String(body.count, radix: 16)) && input.append("\r\n")
                && input.moveAll(from: body) && input.append("\r\n")
        guard isFed, input.append("0\r\n\r\n") else { throw .serverIsFull }
    }

    /// evhttp has a whole request in its input: lets it parse, and call the handler.
    func requestIsComplete() {
        // A handler may keep the body for long. And before anything is done, there is room for the reply.
        let output = EventBuffer(pointer: bufferevent_get_output(bufferevent))
        guard !LibeventMemory.isShort, countInput(), output.reserve(Self.ownFieldBytes)
        else {
            refuse(.serverIsFull)
            return
        }
        phase = .head
        state = .awaitingReply
        requestHasBegun = false
        spend(bytes: 0)
        server.withCurrent(self) {
            bufferevent_trigger(bufferevent, Int16(EV_READ), 0)
        }
        switch state {
        case .replied: replyIsReady()
        case .awaitingReply where request == nil:
            guard connection != nil else {
                finishClosing()
                return
            }
            if replyFailure == nil {
                // It had no memory, or refuses, in HTML, what the guard let pass: a fault of ours.
                server.logger.error("evhttp did not take a request")
            }
            endWithoutReply()
        case .awaitingReply, .reading, .finishing, .lingering, .closed: break
        }
    }

    /// evhttp's generic callback: a request has been parsed.
    func requestHasArrived(_ request: UnsafeMutablePointer<evhttp_request>) {
        // evhttp passes over what it has no memory to move.
        let body: OpaquePointer = evhttp_request_get_input_buffer(request)
        guard evbuffer_get_length(body) == bodyBytes else { return }
        self.request = request
        requestNumber += 1
        server.handler.handle(HTTPRequest(on: self, number: requestNumber))
    }
}

extension HTTPConnection.Phase {
    fileprivate var isHead: Bool {
        if case .head = self { true } else { false }
    }
}
