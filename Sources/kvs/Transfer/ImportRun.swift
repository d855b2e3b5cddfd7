import KVSClient
import KVSStore

/// The lines of an import on their way to the service, several at a time.
struct ImportRun {
    /// How many lines are sent at a time.
    static let maximumCalls = 32
    /// How many bytes of values those may have together; one alone may have more.
    private static let maximumBytes = 8 << 20

    /// How it has ended.
    enum End {
        case done
        case unreadable(ValueSource.Fault)
        /// No line behind it was sent.
        case bad(line: Int, reason: String)
        /// Lines behind it may have been sent.
        case failed(line: Int, KVSClientError)
        /// Nobody knows whether all lines are there, or it is known that they are not: the main was started anew.
        case unchecked(KVSClientError)
    }

    let client: KVSClient
    let lines: InputLines
    let count: ImportCount
    private let calls = PatientCalls(maximum: maximumCalls)

    init(client: KVSClient, lines: InputLines, count: ImportCount) {
        (self.client, self.lines, self.count) = (client, lines, count)
    }

    func run() async -> End {
        var life = MainLife(client, calls)
        let end = await run(&life)
        guard case .done = end else { return end }
        do throws(KVSClientError) {
            try await life.check()
            return end
        } catch {
            return .unchecked(error)
        }
    }

    private func run(_ life: inout MainLife) async -> End {
        var state = State(count: count)
        return await withTaskGroup(of: Outcome.self) { group in
            var end = End.done
            reading: while state.failure == nil {
                do throws(ImportedLine.Fault) {
                    if let line = try lines.next() {
                        let number = lines.number
                        while !state.hasRoom(for: line) {
                            state.note(await group.next())
                        }
                        guard state.failure == nil else { break reading }
                        state.begin(line)
                        group.addTask { [client, calls] in
                            await Self.store(line, number, client, calls)
                        }
                        // One at a time until then.
                        guard !life.isMarked else { continue }
                        state.note(await group.next())
                        guard state.failure == nil else { break reading }
                        do throws(KVSClientError) {
                            try await mark(&life, behind: line)
                        } catch {
                            end = .unchecked(error)
                            break reading
                        }
                        continue
                    }
                } catch {
                    end = .bad(line: lines.number, reason: error.reason)
                    break
                }
                // Whoever waits for more input does nothing for those that are under way.
                if lines.wouldWait, let outcome = await group.next() {
                    state.note(outcome)
                    continue
                }
                do throws(ValueSource.Fault) {
                    guard try lines.readMore() else { break }
                } catch {
                    end = .unreadable(error)
                    break
                }
            }
            while let outcome = await group.next() { state.note(outcome) }
            // It is of an earlier line.
            return state.failure.map { .failed(line: $0.line, $0.error) } ?? end
        }
    }

    /// How one line has ended.
    private struct Outcome {
        let number: Int
        let key: String
        let byteCount: Int
        /// Whether it was written; or else it was there.
        let isWritten: Result<Bool, KVSClientError>
    }

    /// What is under way.
    private struct State {
        let count: ImportCount
        private var keys: Set<String> = []
        private var byteCount = 0
        /// That of the first line that has failed.
        private(set) var failure: (line: Int, error: KVSClientError)?

        init(count: ImportCount) { self.count = count }

        /// Whether a line may be sent beside the others: lines of one key are, one behind the other.
        func hasRoom(for line: ImportedLine) -> Bool {
            guard !keys.isEmpty else { return true }
            return keys.count < maximumCalls && !keys.contains(line.key)
                && byteCount + line.value.count <= maximumBytes
        }

        mutating func begin(_ line: ImportedLine) {
            keys.insert(line.key)
            byteCount += line.value.count
        }

        mutating func note(_ outcome: Outcome?) {
            guard let outcome else { return }
            keys.remove(outcome.key)
            byteCount -= outcome.byteCount
            switch outcome.isWritten {
            case .success(let isWritten): count.add(isWritten: isWritten)
            case .failure(let error):
                if outcome.number < failure?.line ?? .max { failure = (outcome.number, error) }
            }
        }
    }

    private static func store(
        _ line: ImportedLine,
        _ number: Int,
        _ client: KVSClient,
        _ calls: PatientCalls
    ) async -> Outcome {
        let isWritten: Result<Bool, KVSClientError>
        do throws(KVSClientError) {
            isWritten = .success(try await store(line, client, calls))
        } catch {
            isWritten = .failure(error)
        }
        return Outcome(
            number: number,
            key: line.key,
            byteCount: line.value.count,
            isWritten: isWritten
        )
    }

    /// Writes a value unless it is there already; so that it may be sent again where nobody knows whether it
    /// was written: had it been, the second one does nothing.
    ///
    /// - Returns: Whether it was written.
    private static func store(
        _ line: ImportedLine,
        _ client: KVSClient,
        _ calls: PatientCalls
    ) async throws(KVSClientError) -> Bool {
        let content = line.value.withUnsafeBytes { ContentTag(of: $0) }
        let tag = ValueTag(high: content.high, low: content.low)
        return try await calls.make { attempt throws(KVSClientError) in
            let result = try await client.put(
                line.key,
                line.value,
                secondsToLive: line.secondsToLive,
                if: .differs(from: tag)
            )
            guard case .conditionFailed = result else { return true }
            // What is there now may be of the attempt before.
            return attempt > 1
        }
    }

    private func mark(
        _ life: inout MainLife,
        behind line: ImportedLine
    ) async throws(KVSClientError) {
        try await life.mark(behind: line) { line throws(KVSClientError) in
            _ = try await Self.store(line, client, calls)
        }
    }
}
