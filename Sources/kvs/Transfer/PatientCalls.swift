import KVSClient

/// Calls of which several are under way at a time: each is made again where it may have a result a moment later,
/// and fewer are under way once the service has too much to do.
struct PatientCalls: Sendable {
    /// How often a call is made.
    private static let maximumAttempts = 5

    private let places: CallPlaces

    /// - Parameter maximum: How many may be under way at a time.
    init(maximum: Int) { places = CallPlaces(maximum: maximum) }

    /// Makes a call, up to five times with pauses of 0.1 to 0.8 s.
    ///
    /// - Parameter call: Is told the number of the attempt, from 1 up. It must be harmless to repeat.
    /// - Throws: The last attempt's error.
    func make<Result: Sendable>(
        _ call: (_ attempt: Int) async throws(KVSClientError) -> Result
    ) async throws(KVSClientError) -> Result {
        var attempt = 1
        while true {
            await places.take()
            do throws(KVSClientError) {
                let result = try await call(attempt)
                await places.giveBack()
                return result
            } catch {
                await places.giveBack(isTooMuch: error.isTooMuch)
                guard error.mayPass, attempt < Self.maximumAttempts else { throw error }
                try? await Task.sleep(for: .milliseconds(50 << attempt))
                attempt += 1
            }
        }
    }
}

/// How many calls may be under way at a time.
private actor CallPlaces {
    /// So many calls without a 503 are taken for room for one more.
    private static let callsForOneMore = 100

    private let maximum: Int
    private var limit: Int
    private var takenCount = 0
    private var goodCount = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(maximum: Int) { (self.maximum, limit) = (maximum, maximum) }

    func take() async {
        guard takenCount >= limit || !waiting.isEmpty else {
            takenCount += 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    /// - Parameter isTooMuch: Whether as many calls as were under way are too many.
    func giveBack(isTooMuch: Bool = false) {
        if isTooMuch {
            limit = max(1, min(limit, takenCount - 1))
            goodCount = 0
        } else {
            goodCount += 1
            if goodCount % Self.callsForOneMore == 0 { limit = min(maximum, limit + 1) }
        }
        takenCount -= 1
        while takenCount < limit, !waiting.isEmpty {
            takenCount += 1
            waiting.removeFirst().resume()
        }
    }
}
