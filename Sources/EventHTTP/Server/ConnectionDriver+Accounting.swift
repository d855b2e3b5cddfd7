/// What is held for the client, and when it is counted.
extension ConnectionDriver {
    /// The bytes that are there for this client: of its requests, and of replies to them.
    var heldBytes: Int { intake.heldBytes + replies.heldBytes }

    /// Gives back what is no longer held, the body of the request that is answered, before the client can
    /// know of the answer.
    func releaseWhatHasGone() {
        guard claim.bytes > 0 else { return }
        let held = heldBytes
        if held < claim.bytes { _ = claim.set(heldBytes: held) }
    }

    /// Counts a request that is about to be handed over, or a body that grows.
    ///
    /// - Returns: False where there is no room for it.
    func countInput() -> Bool {
        // The usual case: little, and nothing else.
        if claim.bytes == 0, replies.isEmpty, intake.heldBytes <= BufferClaim.freeBytes {
            return true
        }
        return claim.set(heldBytes: heldBytes)
    }

    /// After each entry, with everything in its place: what is held is counted.
    func settle() {
        if state.beginsToWait(self) {
            setDeadline(ticks: world.isDraining ? world.limits.drainTicks : world.limits.idleTicks)
        }
        // What an empty line in front of a request holds is not worth counting.
        guard state.holds, !state.isIdle(self) else {
            if claim.bytes > 0 { _ = claim.set(heldBytes: 0) }
            return
        }
        guard !claim.set(heldBytes: heldBytes) else { return }
        state.handle(.noRoom, self)
        takeSteps()
        _ = claim.set(heldBytes: state.holds ? heldBytes : 0)
    }
}
