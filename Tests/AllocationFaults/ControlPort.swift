import Glibc

/// A port on which the tests say which allocations fail: lines `FIRST LAST`, or `stop`, each answered by
/// a line with the number of allocations that have failed.
enum ControlPort {
    /// Serves one connection after the other on a thread of its own, until the process ends.
    ///
    /// - Returns: The port on 127.0.0.1; nil where there is none to be had.
    static func open() -> UInt16? {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) | listen(listener, 8)
                    | getsockname(listener, $0, &length)
            }
        }
        var thread = pthread_t()
        // Safe: a number, which the thread reads back.
        let context = UnsafeMutableRawPointer(bitPattern: Int(listener))
        guard status == 0,
            pthread_create(
                &thread,
                nil,
                { context in
                    ControlPort.serve(Int32(Int(bitPattern: context)))
                    return nil
                },
                context
            ) == 0
        else { return nil }
        return UInt16(bigEndian: address.sin_port)
    }

    private static func serve(_ listener: Int32) {
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0, let stream = fdopen(client, "r+") else { return }
            var line = [CChar](repeating: 0, count: 64)
            while fgets(&line, Int32(line.count), stream) != nil {
                let text = line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
                let numbers = String(decoding: text, as: UTF8.self)
                    .split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
                let failed = FailingAllocator.stop()
                if numbers.count == 2 { FailingAllocator.fail(from: numbers[0], to: numbers[1]) }
                fputs("\(failed)\n", stream)
                fflush(stream)
            }
            fclose(stream)
        }
    }
}
