import Glibc

/// A system call, or a call into libevent, that failed.
package struct SystemError: Error, Equatable, CustomStringConvertible {
    /// The function that failed.
    package let call: StaticString
    /// `errno` as the call left it; 0 where the function does not set it.
    package let errno: Int32

    /// Takes `errno` at the place of the failure; call it before anything else can change it.
    package init(_ call: StaticString, errno: Int32 = Glibc.errno) {
        self.call = call
        self.errno = errno
    }

    package var description: String {
        guard errno != 0, let text = strerror(errno) else { return "\(call) failed" }
        return "\(call): \(String(cString: text))"
    }

    /// What to change where pthread_create(3) has failed, as the end of a line.
    package var adviceAboutThreads: String {
        switch errno {
        case EAGAIN: "; raise the limit of threads (ulimit -u, --pids-limit) or of memory"
        case EPERM: "; a sandbox forbids clone3(2) with EPERM: make it ENOSYS, or renew libseccomp"
        default: ""
        }
    }

    package static func == (left: SystemError, right: SystemError) -> Bool {
        left.errno == right.errno && left.call.description == right.call.description
    }
}
