import ContractCases
import Glibc

/// The keys that a check has written, until it is certain that they are gone.
struct WrittenKeys {
    /// A target that was put at a service, and what the PUTs have come to.
    private struct Entry {
        let client: PlainClient
        /// As it was sent: without a query, and, where there was one, also with it. Who is no kvs may take all of
        /// it for the key.
        let path: String
        /// The PUTs that may be done, now or later.
        var count = 0
        /// Whether one of them may still be on its way: what is deleted may come back.
        var isPending = false
        /// Whether each was refused. Then the key may be one that no server takes.
        var isRefused = true
        /// Whether it was asked to be deleted, in vain.
        var isTried = false
    }

    private var entries: [Entry] = []

    /// Those that may be left.
    var doubtful: [String] {
        entries.filter { $0.count > 0 }.map { entry in
            "\(entry.path.dropFirst("/kvs/".count)) at \(entry.client.service)"
        }
    }

    /// Notes what has come of a request, if it writes.
    mutating func note(
        _ request: ContractRequest,
        at client: PlainClient,
        _ result: Result<ContractReply, PlainExchange.Failure>
    ) {
        // Who is no kvs may take any of the others for a PUT.
        guard !["GET", "HEAD", "DELETE", "OPTIONS"].contains(request.method) else { return }
        let path = String(request.target.prefix { $0 != "?" })
        for path in Set([path, request.target]) { note(path, at: client, result) }
    }

    private mutating func note(
        _ path: String,
        at client: PlainClient,
        _ result: Result<ContractReply, PlainExchange.Failure>
    ) {
        let index = entries.firstIndex {
            $0.path == path && "\($0.client.service)" == "\(client.service)"
        }
        var entry = index.map { entries[$0] } ?? Entry(client: client, path: path)
        switch result {
        case .success(let reply):
            let answer = Answer(reply)
            if answer != .notSent { entry.count += 1 }
            if answer == .unknown { entry.isPending = true }
            if answer != .refused { entry.isRefused = false }
        case .failure(let failure):
            if failure.hasLeft {
                entry.count += 1
                entry.isPending = true
            }
            entry.isRefused = false
        }
        if let index { entries[index] = entry } else { entries.append(entry) }
    }

    /// Deletes those that are new, whatever came of the PUTs. Those that may be left stay.
    ///
    /// - Parameter isLast: Whether those are tried again that are not new.
    mutating func delete(isLast: Bool) {
        var silent: Set<String> = []
        entries = entries.compactMap { entry in
            guard entry.count > 0 else { return nil }
            let service = "\(entry.client.service)"
            guard isLast || !entry.isTried, !silent.contains(service) else { return entry }
            do throws(PlainExchange.Failure) {
                let reply = try entry.client.send(ContractRequest("DELETE", entry.path))
                if Self.isGone(entry, after: reply) { return nil }
            } catch {
                // The others would wait as long.
                if error.isSilence { silent.insert(service) }
            }
            var entry = entry
            entry.isTried = true
            return entry
        }
    }

    private static func isGone(_ entry: Entry, after reply: ContractReply) -> Bool {
        // The one PUT that there was is done, and so not on its way any more.
        let wasThere = ContractExpectation.success.isMet(by: reply, isExact: false)
        if wasThere { return !entry.isPending || entry.count == 1 }
        if entry.isPending { return false }
        switch Answer(reply) {
        case .done, .absent: return true
        case .refused: return entry.isRefused
        case .notSent, .unknown: return false
        }
    }

    /// What a reply says of a write.
    private enum Answer {
        case done
        case absent
        case refused
        /// A forwarder has not sent it to its main.
        case notSent
        case unknown

        init(_ reply: ContractReply) {
            if ContractExpectation.missing.isMet(by: reply, isExact: false) {
                self = .absent
            } else if ContractExpectation.unavailable.isMet(by: reply, isExact: false) {
                self = reply["KVS-Outcome"] == "not-sent" ? .notSent : .unknown
            } else {
                switch reply.status {
                case 200..<300: self = .done
                case 400..<500, 501, 503, 507: self = .refused
                default: self = .unknown
                }
            }
        }
    }
}
