import Glibc

/// A system call that failed, with its `errno` taken at the call.
struct SystemCallError: Error, Equatable, CustomStringConvertible {
    let call: String
    let code: Int32

    /// - Parameter code: The error number; where none is given, the calling thread's `errno`.
    init(_ call: String, code: Int32 = errno) {
        self.call = call
        self.code = code
    }

    var description: String {
        "\(call): \(String(cString: strerror(code)))"
    }
}
