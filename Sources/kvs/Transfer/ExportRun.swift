import KVSClient

/// All values of the keys that begin with a prefix, on their way to stdout.
struct ExportRun {
    /// How many values are asked for at a time: and so, but for one that is being written, how many there are
    /// in memory.
    static let maximumCalls = 16

    let client: KVSClient
    let prefix: String
    let lines: ExportedLines

    /// Whether the key was there.
    private typealias Outcome = Result<Bool, KVSClientError>

    /// - Throws: The first error; what was there before it is written.
    func run() async throws(KVSClientError) {
        let calls = PatientCalls(maximum: Self.maximumCalls)
        // Its calls wait for no value's.
        var list = KeyList(client, prefix: prefix)
        var state = State()
        await withTaskGroup(of: Outcome.self) { group in
            while state.error == nil {
                let keys: [String]
                do throws(KVSClientError) {
                    guard let next = try await list.next() else { break }
                    keys = next
                } catch {
                    state.error = error
                    break
                }
                for key in keys where state.error == nil {
                    if state.callCount == Self.maximumCalls { state.note(await group.next()) }
                    state.callCount += 1
                    group.addTask { [client, lines] in
                        await Self.export(key, client, calls, lines)
                    }
                }
            }
            while let outcome = await group.next() { state.note(outcome) }
        }
        await lines.flush()
        if let error = state.error { throw error }
        if state.hasVanished { try await list.checkLife() }
    }

    private struct State {
        var callCount = 0
        var error: KVSClientError?
        /// Whether a listed key was not there any more.
        var hasVanished = false

        mutating func note(_ outcome: Outcome?) {
            callCount -= 1
            switch outcome {
            case .failure(let error): self.error = self.error ?? error
            case .success(false): hasVanished = true
            case .success(true), nil: break
            }
        }
    }

    private static func export(
        _ key: String,
        _ client: KVSClient,
        _ calls: PatientCalls,
        _ lines: ExportedLines
    ) async -> Outcome {
        do throws(KVSClientError) {
            let value = try await calls.make { _ throws(KVSClientError) in
                try await client.storedValue(of: key)
            }
            guard let value else { return .success(false) }
            await lines.add(key, value)
            return .success(true)
        } catch {
            return .failure(error)
        }
    }
}
