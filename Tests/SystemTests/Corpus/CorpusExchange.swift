/// One corpus file on a connection of its own, sent in pieces, with one more request behind it.
final class CorpusExchange {
    /// Holds `seededValue` in the store, before any file is sent.
    static let seededKey = "seeded"
    static let seededValue = "seeded value"
    /// Never to be found in the store: what a file hides, and what follows a refusal, writes it.
    static let smuggledKey = "smuggled"

    let file: CorpusFile
    private let client: WireClient
    private let bytes: [UInt8]
    /// Where each piece ends.
    private let ends: [Int]
    private var sentCount = 0

    /// Connects.
    ///
    /// - Parameters:
    ///   - number: Makes the file's key new to the store.
    ///   - splits: Where one piece ends and the next begins; within the file's bytes, ascending.
    init(_ file: CorpusFile, number: Int, splits: [Int], to endpoint: Endpoint) throws {
        self.file = file
        let followUp = file.connection == .open ? Self.goodRead : Self.forbiddenWrite
        bytes = file.bytes(freshKey: number) + Array(followUp.utf8)
        ends = splits + [bytes.count]
        client = try WireClient(endpoint, timeout: .seconds(5))
    }

    var pieceCount: Int { ends.count }

    /// Whether the server has said that it will answer nothing more: by the end of the stream, or where
    /// that is still to come because nobody can tell where the body ends, in its reply.
    private var hasLastAnswer: Bool {
        client.peerHasFinished
            || String(decoding: client.peek(), as: UTF8.self).contains("\r\nConnection: close\r\n")
    }

    /// Whether the server has ended the stream.
    var isOver: Bool { client.peerHasFinished }

    /// Sends one piece, where there is one; or all the rest, once the server has said that it will answer
    /// nothing more: it reads on for two seconds only, in which a busy machine does not get far piece
    /// by piece.
    ///
    /// Only a server that has closed in order may fail to take it; after a refusal it goes on reading.
    func send(piece index: Int) throws {
        guard index < ends.count, ends[index] > sentCount else { return }
        let end = file.isRefused && hasLastAnswer ? bytes.count : ends[index]
        do {
            try client.send(bytes[sentCount..<end])
        } catch let error as SystemCallError {
            if file.isRefused || file.connection == .open { throw error }
        }
        sentCount = end
    }

    /// Reads until the server closes, which it does in each case: the good request asks for it.
    func readTranscript() throws -> Transcript {
        do {
            let (bytes, end) = try client.readUntilEnd()
            guard end == .closed else { throw WireError.reset(partial: bytes) }
            return Transcript(bytes)
        } catch WireError.timedOut {
            throw NotClosed(received: String(decoding: client.unread, as: UTF8.self))
        }
    }

    /// The server kept the connection open, where it had to close it.
    struct NotClosed: Error {
        let received: String
    }

    /// What is wrong with the answers; nil where they are as the file's name says.
    func fault(of transcript: Transcript) -> String? {
        do {
            var responses = try transcript.responses(headIndex: file.isHead ? 0 : nil)
            if file.connection == .open {
                guard let last = responses.popLast(), Self.isGoodAnswer(last) else {
                    return "the good request behind it was not answered: \(responses)"
                }
            }
            let statuses = responses.map(\.status)
            guard statuses == file.statuses else {
                let bodies = responses.map(\.text)
                return "\(statuses) \(bodies), where \(file.statuses) was expected"
            }
            return responses.enumerated().lazy.compactMap { index, response in
                self.fault(of: response, hasBody: !(self.file.isHead && index == 0))
            }.first
        } catch {
            return "\(error)"
        }
    }

    private static let goodRead =
        "GET /kvs/\(seededKey) HTTP/1.1\r\nHost: kvs.test\r\nConnection: close\r\n\r\n"
    private static let forbiddenWrite =
        "PUT /kvs/\(smuggledKey) HTTP/1.1\r\nHost: kvs.test\r\nContent-Length: 5\r\n\r\nval=x"

    private static func isGoodAnswer(_ response: WireResponse) -> Bool {
        response.status == 200 && (try? response.json())?.value == seededValue
    }

    private func fault(of response: WireResponse, hasBody: Bool) -> String? {
        let shown = "\(response.status) \(response.text.debugDescription)"
        if [204, 304].contains(response.status) {
            return response.body.isEmpty && response[header: "Content-Type"] == nil
                ? nil : "\(shown) has content"
        }
        if response[header: "Content-Type"] != "application/json" { return "\(shown) is not JSON" }
        if file.isRefused, !response.isLast { return "\(shown) without Connection: close" }
        if !hasBody { return nil }
        guard let body = try? response.json() else { return "\(shown) is not the contract's JSON" }
        let belongs =
            response.status < 400
            ? body.msg == "success"
            : body.msg == "error" && !(body.error ?? "").isEmpty
                && body.error != "service is not available"
        return belongs ? nil : "\(shown) does not belong to the request"
    }
}
