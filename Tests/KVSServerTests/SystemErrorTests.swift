import Glibc
import Testing

@testable import Basics
@testable import EventLoops
@testable import KVSServer

@Suite("Errors of the system, and what they say at the start")
struct SystemErrorTests {
    @Test("A failed call is named with the system's words, or alone where it has set no errno")
    func description() {
        #expect(SystemError("bind", errno: EACCES).description == "bind: Permission denied")
        #expect(SystemError("evhttp_new", errno: 0).description == "evhttp_new failed")
    }

    @Test("Two are the same where the call and errno are")
    func equality() {
        #expect(SystemError("bind", errno: 1) == SystemError("bind", errno: 1))
        #expect(SystemError("bind", errno: 1) != SystemError("bind", errno: 2))
        #expect(SystemError("bind", errno: 1) != SystemError("listen", errno: 1))
    }

    @Test(
        "Where there is no thread the line says what to change",
        arguments: [(EAGAIN, "ulimit -u"), (EPERM, "clone3(2)"), (ENOMEM, "KVS_THREADS")]
    )
    func threads(errno: Int32, advice: String) {
        let error = StartError(threads: 4, SystemError("pthread_create", errno: errno))
        #expect(error.description.hasPrefix("cannot start 4 event loops: pthread_create: "))
        #expect(error.description.contains(advice))
        #expect(error.description.hasSuffix(", or lower KVS_THREADS"))
        #expect(!error.isAboutAddress)
    }

    @Test(
        "Where an address cannot be had the line says what to change",
        arguments: [
            (EADDRINUSE, "another program uses that port"), (EADDRNOTAVAIL, "no such address"),
            (EACCES, "ports below 1024"), (EMFILE, "ulimit -n"), (EINVAL, ": Invalid argument"),
        ]
    )
    func address(errno: Int32, advice: String) throws {
        let address = try #require(SocketAddress(numericHost: "127.0.0.1", port: 80))
        let error = StartError(address: address, SystemError("bind", errno: errno))
        #expect(error.description.hasPrefix("cannot listen at 127.0.0.1:80: bind: "))
        #expect(error.description.contains(advice))
        #expect(error.isAboutAddress)
        #expect(!StartError(address: address, SystemError("socket", errno: errno)).isAboutAddress)
    }

    @Test("What is no address, and what there is too little of, is said in one line each")
    func needs() {
        let wrong = StartError(address: "nowhere")
        #expect(wrong.description == "nowhere is not a numeric address" && wrong.isAboutAddress)
        let files = StartError(neededOpenFiles: 30, limit: 20)
        #expect(files.description.hasPrefix("20 open files are allowed, and 30 are needed"))
        let memory = StartError(neededAddressBytes: 64 << 20)
        #expect(memory.description.hasPrefix("there are no 64M of memory to begin with"))
        #expect(!files.isAboutAddress && !memory.isAboutAddress)
    }
}
