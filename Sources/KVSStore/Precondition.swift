/// What must hold for a write to be done: decided in one step with it.
package final class Precondition: Sendable {
    /// Some contents of values.
    package enum Contents: Sendable {
        /// Whatever it is.
        case any
        case oneOf([ContentTag])

        fileprivate func contains(_ item: Item) -> Bool {
            switch self {
            case .any: true
            case .oneOf(let tags): !tags.isEmpty && tags.contains(item.tag)
            }
        }
    }

    /// The key must be there, with one of these contents.
    package let match: Contents?
    /// The key must not be there with one of these.
    package let noneMatch: Contents?

    package init(match: Contents?, noneMatch: Contents?) {
        (self.match, self.noneMatch) = (match, noneMatch)
    }

    /// - Parameter present: What the key has now; nil where it is not there.
    package func holds(for present: Item?) -> Bool {
        hasMatch(in: present) && !excludes(present)
    }

    /// Whether ``match`` holds.
    package func hasMatch(in present: Item?) -> Bool {
        guard let match else { return true }
        return present.map(match.contains) ?? false
    }

    /// Whether ``noneMatch`` does not hold.
    package func excludes(_ present: Item?) -> Bool {
        guard let noneMatch, let present else { return false }
        return noneMatch.contains(present)
    }
}
