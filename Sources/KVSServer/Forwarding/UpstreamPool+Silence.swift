/// What the pool does about a main that answers nothing: see ``MainAvailability``.
extension UpstreamPool {
    func mainHasAnswered() {
        lastAnswer = .now
        mainReturn.hasAnswered()
        endSilence()
    }

    func endSilence() {
        if availability.hasAnswered() {
            mainReturn.endSilence()
            logger.info("the main is back", metadata: ["main": "\(address.endpoint)"])
            probeTimer?.cancel()
        }
    }

    func mainHasLetTimeOut(_ exchange: Exchange) {
        // Where something else was answered meanwhile, the main is slow, not silent.
        let isSilent = lastAnswer.map { $0 < exchange.start } ?? true
        guard isSilent, availability.hasTimedOut() else { return }
        silenceStart = mainReturn.beginSilence()
        logger.warning("the main is silent", metadata: ["main": "\(address.endpoint)"])
        probeTimer?.start(after: Self.probeInterval)
        for exchange in waiting.removeAll() { fail(exchange, wasSent: false) }
    }

    func probe() {
        guard availability.state == .silent else { return }
        probeTimer?.start(after: Self.probeInterval)
        guard availability.beginProbe() else { return }
        submit(
            Exchange(
                .probe,
                nil,
                method: .get,
                target: "/livez",
                connectTime: Self.probeInterval,
                time: Self.probeInterval * MainAvailability.maximumProbes
            )
        )
    }

    /// The delegate passes the end of a probe on.
    func probeHasEnded() { availability.endProbe() }
}
