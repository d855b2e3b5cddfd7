/// Requests as bytes, to be sent in pieces or many at a time.
enum RawRequest {
    static func get(_ key: String) -> String { "GET /kvs/\(key) HTTP/1.1\r\nHost: x\r\n\r\n" }

    static func delete(_ key: String) -> String { "DELETE /kvs/\(key) HTTP/1.1\r\nHost: x\r\n\r\n" }

    /// A PUT whose body is the value itself.
    static func put(_ key: String, _ value: String) -> String {
        putHead(key, length: value.utf8.count) + value
    }

    static func put(_ key: String, _ value: [UInt8]) -> [UInt8] {
        Array(putHead(key, length: value.count).utf8) + value
    }

    static func putHead(_ key: String, length: Int) -> String {
        "PUT /kvs/\(key) HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
            + "Content-Length: \(length)\r\n\r\n"
    }
}
