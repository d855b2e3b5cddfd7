import Glibc

extension ContractCase.Step {
    /// What has come of a step.
    package struct Result {
        package let isMet: Bool
        /// What came, as one line.
        package let text: String
    }

    /// Asks, until all of the reply is there: each page of a list; and what comes in a moment only, until it
    /// is there.
    ///
    /// - Parameters:
    ///   - isExact: See ``ContractExpectation/isMet(by:isExact:)``.
    ///   - isOver: Whether nothing more is to be asked.
    ///   - send: Sends a request, and gives its reply.
    package func perform<Failure: Error>(
        isExact: Bool,
        isOver: () -> Bool = { false },
        _ send: (ContractRequest) throws(Failure) -> ContractReply
    ) throws(Failure) -> Result {
        let end = ContinuousClock.now + patience
        while true {
            let result = try ask(isExact, isOver, send)
            if result.isMet || isOver() || ContinuousClock.now >= end { return result }
            usleep(Self.pauseMicroseconds)
        }
    }

    /// Between two questions: a twentieth of the shortest time to live.
    private static var pauseMicroseconds: UInt32 { 50_000 }

    private func ask<Failure: Error>(
        _ isExact: Bool,
        _ isOver: () -> Bool,
        _ send: (ContractRequest) throws(Failure) -> ContractReply
    ) throws(Failure) -> Result {
        var reply = try send(request)
        guard case .keys(let expected, let limit) = expectation.body else {
            let isMet = expectation.isMet(by: reply, isExact: isExact)
            return Result(isMet: isMet, text: expectation.describe(reply))
        }
        var listed = ListedKeys()
        while expectation.isMet(by: reply, isExact: isExact),
            let page = ListedKeys.Page(reply, isExact: isExact)
        {
            guard let cursor = listed.add(page, limit: limit), !isOver() else {
                let isMet = listed.isMet(by: expected, isLast: page.cursor == nil)
                return Result(isMet: isMet, text: listed.description)
            }
            reply = try send(request.following(cursor: cursor))
        }
        return Result(isMet: false, text: expectation.describe(reply))
    }
}
