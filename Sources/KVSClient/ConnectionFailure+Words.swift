import Basics

extension ConnectionFailure {
    /// Why there was no reply, for people.
    var words: String {
        switch self {
        case .refused: "connection refused"
        case .unreachable: "no connection comes about"
        case .lost, .stale: "the connection broke, or what answers is no kvs"
        case .local: "no connection"
        case .overloaded: "the reply is too long"
        }
    }
}
