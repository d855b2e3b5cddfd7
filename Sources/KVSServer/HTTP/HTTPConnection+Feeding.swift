import CLibevent
import Glibc

/// From the guard to evhttp, one complete request at a time.
extension HTTPConnection {
    /// Requests of one connection, pipelined, before others get their turn.
    private static let requestsPerTurn = 64
    /// Pipelined replies are collected up to about this many bytes before they are sent together.
    private static let batchBytes = 65_536

    /// Works through `bytes` until they are used up or the connection must wait.
    ///
    /// - Returns: How many bytes were used.
    func process(_ bytes: UnsafeRawBufferPointer) -> Int {
        isProcessing = true
        defer { isProcessing = false }
        var position = 0
        let firstNumber = requestNumber
        while state == .reading, position < bytes.count {
            if requestNumber - firstNumber >= Self.requestsPerTurn {
                server.giveTurnLater(to: self)
                break
            }
            do throws(Refusal) {
                position += try advance(bytes.slice(position..<bytes.count))
            } catch {
                refuse(error)
                return bytes.count
            }
        }
        if state == .reading, outgoing != nil { flush() }
        return position
    }

    /// One step: a head, or a piece of a body.
    private func advance(_ bytes: UnsafeRawBufferPointer) throws(Refusal) -> Int {
        switch phase {
        case .head:
            return try advanceHead(bytes)
        case .body(let remaining, let isDiscarded):
            let count = min(remaining, bytes.count)
            if !isDiscarded { input.append(bytes.slice(0..<count)) }
            phase = .body(remaining: remaining - count, isDiscarded: isDiscarded)
            if count == remaining { requestIsComplete(moreFollows: count < bytes.count) }
            return count
        case .chunks(var decoder, let isDiscarded):
            let body = EventBuffer(pointer: chunkedBody ?? makeChunkedBody())
            let result = try decoder.decode(bytes) { piece throws(Refusal) in
                if isDiscarded { return }
                try reserve(piece.count)
                body.append(piece)
            }
            phase = .chunks(decoder, isDiscarded: isDiscarded)
            if result.isComplete {
                if !isDiscarded { handOverChunkedBody(body) }
                requestIsComplete(moreFollows: result.consumed < bytes.count)
            }
            return result.consumed
        }
    }

    private func advanceHead(_ bytes: UnsafeRawBufferPointer) throws(Refusal) -> Int {
        if partialHead.isEmpty {
            // From the first byte on, whatever the rhythm of the others.
            setDeadline(ticks: server.limits.requestTicks)
            guard let (head, range) = try parser.parse(bytes) else {
                partialHead.append(contentsOf: bytes)
                return bytes.count
            }
            try begin(head, bytes.slice(range), behind: bytes.count - range.upperBound)
            if case .head = phase, state == .reading {
                requestIsComplete(moreFollows: range.upperBound < bytes.count)
            }
            return range.upperBound
        }
        let before = partialHead.count
        partialHead.append(contentsOf: bytes)
        let whole = partialHead
        let end = try whole.span.bytes.withUnsafeBytes { whole throws(Refusal) -> Int? in
            guard let (head, range) = try parser.parse(whole) else { return nil }
            try begin(head, whole.slice(range), behind: whole.count - range.upperBound)
            return range.upperBound
        }
        guard let end else { return bytes.count }
        partialHead = []
        if case .head = phase, state == .reading {
            requestIsComplete(moreFollows: end < whole.count)
        }
        return end - before
    }

    /// Feeds a checked head to evhttp and prepares for its body.
    ///
    /// - Parameter behind: Bytes that are already there behind the head.
    private func begin(
        _ head: RequestHead,
        _ bytes: UnsafeRawBufferPointer,
        behind: Int
    ) throws(Refusal) {
        self.head = head
        let isDiscarded = !head.method.evhttpReadsBody
        switch head.framing {
        case .none: break
        case .length(let length):
            if length > server.limits.bodyBytes { throw .bodyTooLarge }
            // A body that is here already is gone in a moment: only others are worth counting.
            if length > behind, !isDiscarded { try reserve(length) }
            phase = .body(remaining: length, isDiscarded: isDiscarded)
        case .chunked:
            let decoder = ChunkedDecoder(bodyBytes: server.limits.bodyBytes)
            phase = .chunks(decoder, isDiscarded: isDiscarded)
        }
        parser = HeadParser(limits: server.limits.head)
        if head.hasLeadingTabs {
            bytes.replacingLeadingTabs().withUnsafeBytes { feed(head, $0) }
        } else {
            feed(head, bytes)
        }
        if head.expectsContinue, head.framing != .none, behind == 0 {
            // evhttp would send it as well, but never gets to see a head without its body.
            EventBuffer(pointer: outgoingBuffer()).append("HTTP/1.1 100 Continue\r\n\r\n")
        }
    }

    /// Gives a head to evhttp.
    private func feed(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer) {
        var start = 0
        if head.method == .other {
            // evhttp refuses a line shorter than `GET / HTTP/1.0`, and need not know the method.
            input.append("OTHER")
            start = bytes.firstIndex(of: UInt8(ascii: " ")) ?? 0
        }
        if let target = head.absoluteTarget {
            // RFC 9112 §3.2.2; evhttp would take the request for one to a proxy.
            let path = target.path
            input.append(bytes.slice(start..<target.start))
            if bytes[path] != UInt8(ascii: "/") { input.append("/") }
            input.append(bytes.slice(path..<bytes.count))
        } else {
            input.append(bytes.slice(start..<bytes.count))
        }
    }

    /// Counts bytes that must wait for the rest of their request.
    private func reserve(_ count: Int) throws(Refusal) {
        guard server.budget.reserve(count) else { throw .serverIsFull }
        reservedBytes += count
    }

    func releaseReservedBytes() {
        if reservedBytes > 0 {
            server.budget.release(reservedBytes)
            reservedBytes = 0
        }
    }

    private var input: EventBuffer { EventBuffer(pointer: bufferevent_get_input(bufferevent)) }

    private func makeChunkedBody() -> OpaquePointer {
        guard let buffer = evbuffer_new() else { fatalError("libevent: no memory for a buffer") }
        chunkedBody = buffer
        return buffer
    }

    /// evhttp gets the body as a single chunk in canonical form.
    private func handOverChunkedBody(_ body: EventBuffer) {
        if !body.isEmpty {
            input.append(String(body.count, radix: 16) + "\r\n")
            input.moveAll(from: body)
            input.append("\r\n")
        }
        input.append("0\r\n\r\n")
    }

    /// evhttp has a whole request in its input: lets it parse, and call the handler.
    func requestIsComplete(moreFollows: Bool) {
        phase = .head
        state = .awaitingReply
        hasUnreadRequests = moreFollows
        let wasProcessing = isProcessing
        isProcessing = true
        server.withCurrent(self) {
            bufferevent_trigger(bufferevent, Int16(EV_READ), 0)
        }
        isProcessing = wasProcessing
        releaseReservedBytes()
        guard connection != nil else {
            finishClosing()
            return
        }
        if state == .awaitingReply, request == nil {
            // evhttp refused what the guard let pass, in HTML. That is a fault of ours, yet the answer is
            // JSON like any other.
            server.logger.error("evhttp refused a request that the guard had accepted")
            EventBuffer(pointer: bufferevent_get_output(bufferevent)).removeAll()
            refuse(.malformedField)
            return
        }
        guard state == .flushing else { return }
        if moreFollows, head.isVersion11, !head.closesConnection, !closesAfterFlush,
            !server.isDraining, outgoingCount < Self.batchBytes
        {
            batchReply()
        } else {
            flush()
        }
    }

    /// evhttp's generic callback: a request has been parsed.
    func requestHasArrived(_ request: UnsafeMutablePointer<evhttp_request>) {
        self.request = request
        requestNumber += 1
        server.handler.handle(HTTPRequest(on: self, number: requestNumber))
    }
}
