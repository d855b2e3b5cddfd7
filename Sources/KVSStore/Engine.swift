/// Whoever does operations: the store of this process, or another one behind the same seam.
///
/// One for each loop; for use on the loop's thread.
package protocol Engine: AnyObject {
    /// Does an operation, and gives its outcome to `receiver`: exactly once, before this returns or later,
    /// on the loop's thread.
    func perform<Receiver: OutcomeReceiver & ~Copyable>(
        _ operation: consuming Operation,
        for receiver: consuming Receiver
    )

    /// Ends what is still under way; the loop stops.
    func close()
}

/// Whoever has asked an ``Engine`` for something.
package protocol OutcomeReceiver: ~Copyable {
    consuming func receive(_ outcome: consuming Outcome)
}
