/// What a connection has come to that brings no reply.
package enum ConnectionFailure: Equatable, Sendable {
    /// The main's machine has refused to connect.
    case refused
    /// No connection came about, and nothing came from the main's address.
    case unreachable
    /// Our own side has no descriptor, no memory, no address, no route.
    case local
    /// The peer ended or reset an established connection, or sent what is no reply.
    case lost
    /// A kept connection had ended already, before it got the request.
    case stale
    /// There is no room to hold the reply.
    case overloaded
}
