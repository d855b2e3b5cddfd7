/// A way back to an object of a loop, for whoever may live longer than that. It does not hold the object,
/// which ends it before it goes.
///
/// Used on the loop's thread, or while that does not run. (A weak reference makes each later reference that
/// is counted to the object take a hundred instructions instead of five, and a sanitizer takes what it
/// allocates for lost.)
package final class LoopReference<Object: AnyObject>: @unchecked Sendable {
    // Safe: the object outlives this value, see end(); and one thread uses it.
    package private(set) unowned(unsafe) var object: Object?

    package init(to object: Object) { self.object = object }

    /// The object is about to go.
    package func end() { object = nil }
}
