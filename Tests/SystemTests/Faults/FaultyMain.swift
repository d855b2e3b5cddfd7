/// A main for the fault table: one that can be made to fail and be made well again.
protocol FaultyMain: Sendable {
    var endpoint: Endpoint { get }

    /// Fails from now on.
    func begin(_ shape: FaultShape) throws

    /// Is well from now on.
    ///
    /// - Parameter keepsAlive: Whether connections stay open after a reply.
    func end(keepsAlive: Bool) throws

    /// How often it has begun to receive a request for this target; nil where nobody counts.
    func sightings(ofTarget target: String) -> Int?

    /// Waits until the peer has let go of every connection on which it failed.
    func waitUntilShapesAreOver() -> Bool

    func stop()
}
