import ArgumentParser
import KVSClient

/// Which value a key must have for `kvs put` to be done.
struct MatchedTag: ExpressibleByArgument {
    let condition: Condition

    init?(argument: String) {
        if argument == "*" {
            condition = .exists
        } else if let tag = ValueTag(argument) {
            condition = .matches(tag)
        } else {
            return nil
        }
    }
}
