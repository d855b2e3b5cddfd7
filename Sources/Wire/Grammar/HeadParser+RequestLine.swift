/// The request line (RFC 9112 §3).
extension HeadParser {
    mutating func parseRequestLine(
        _ range: Range<Int>,
        of bytes: UnsafeRawBufferPointer
    ) throws(Refusal) {
        let space = UInt8(ascii: " ")
        let line = bytes.slice(range)
        guard let first = line.firstIndex(of: space),
            let length = line.slice((first + 1)..<line.count).firstIndex(of: space)
        else { throw .malformedRequestLine }
        let second = first + 1 + length
        let method = line.slice(0..<first)
        let target = line.slice((first + 1)..<second)
        let version = line.slice((second + 1)..<line.count)

        guard !method.isEmpty, method.consists(of: .token) else { throw .malformedRequestLine }
        // RFC 9112 §3: 501 for a method longer than any that is implemented.
        if method.count > limits.methodBytes { throw .methodTooLong }
        head.method = HTTPMethod(token: method)
        self.method = head.method
        if version.equals("HTTP/1.0") {
            head.isVersion11 = false
        } else if !version.equals("HTTP/1.1") {
            let looksLikeVersion =
                version.count == 8 && version.slice(0..<5).equals("HTTP/")
                && version[5].isDigit && version[6] == UInt8(ascii: ".") && version[7].isDigit
            throw looksLikeVersion ? .versionNotSupported : .malformedRequestLine
        }
        if head.method == .connect { throw .connectNotImplemented }
        if target.count > limits.targetBytes { throw .targetTooLong }
        try parseTarget(target, at: first + 1)
    }

    /// - Parameter position: Where the target stands in the request line.
    private mutating func parseTarget(
        _ target: UnsafeRawBufferPointer,
        at position: Int
    ) throws(Refusal) {
        guard let first = target.first, target.isTarget else { throw .malformedTarget }
        head.target = position..<(position + target.count)
        if first == UInt8(ascii: "/") {
            try checkPath(target)
        } else if first == UInt8(ascii: "*") {
            guard target.count == 1, head.method == .options else { throw .malformedTarget }
        } else {
            guard target.count > 7, target.slice(0..<7).equalsIgnoringCase("http://") else {
                throw .malformedTarget
            }
            let slash = UInt8(ascii: "/")
            let question = UInt8(ascii: "?")
            let path = target[7...].firstIndex { $0 == slash || $0 == question } ?? target.count
            let authority = target.slice(7..<path)
            guard !authority.isEmpty, authority[0] != UInt8(ascii: ":"), authority.isAuthority
            else { throw .malformedTarget }
            try checkPath(target.slice(path..<target.count))
            head.target = (position + path)..<(position + target.count)
        }
    }

    /// `//host/path`: evhttp would take the first segment for a host.
    private func checkPath(_ path: UnsafeRawBufferPointer) throws(Refusal) {
        if path.count > 1, path.slice(0..<2).equals("//") { throw .malformedTarget }
    }
}
