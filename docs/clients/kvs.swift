// put, get and delete with URLSession. Usage: swiftc kvs.swift && ./kvs http://127.0.0.1:8080
import Foundation
import FoundationNetworking

struct ServiceUnavailable: Error {}
struct Refused: Error { var status: Int, message: String }

struct KVS {
    var base: String
    let session = URLSession(configuration: .ephemeral)  // keeps its connections

    /// Stores bytes; says whether they replace a value.
    func put(_ key: String, _ value: Data) async throws -> Bool {
        try await send("PUT", key, value).status == 200
    }

    /// The bytes; nil if the key does not exist.
    func get(_ key: String) async throws -> Data? {
        try await send("GET", key).body
    }

    /// Says whether the key existed.
    func delete(_ key: String) async throws -> Bool {
        try await send("DELETE", key).status == 200
    }

    private func send(
        _ method: String,
        _ key: String,
        _ value: Data? = nil
    ) async throws -> (status: Int, body: Data?) {
        var request = URLRequest(url: URL(string: "\(base)/kvs/\(key)")!)
        request.httpMethod = method
        request.httpBody = value
        request.setValue("application/octet-stream", forHTTPHeaderField: "Accept")
        request.setValue("application/octet-stream", forHTTPHeaderField: "Content-Type")
        let (body, response) = try await session.data(for: request)
        let status = (response as! HTTPURLResponse).statusCode
        if status < 300 { return (status, body) }
        let error = try JSONDecoder().decode([String: String].self, from: body)["error"] ?? ""
        switch (status, error) {
        case (404, "key does not exist"): return (status, nil)
        case (404, "service is not available"): throw ServiceUnavailable()
        default: throw Refused(status: status, message: error)
        }
    }
}

let kvs = KVS(base: CommandLine.arguments[1])
let value = Data(0...255)
do {
    print("get:", try await kvs.get("example") == nil ? "key does not exist" : "a value")
    for _ in 1...2 { print("put:", try await kvs.put("example", value) ? "replaced" : "new") }
    let got = try await kvs.get("example") ?? Data()
    print("get: \(got.count) bytes, \(got == value ? "unharmed" : "harmed")")
    for _ in 1...2 {
        print("delete:", try await kvs.delete("example") ? "done" : "key does not exist")
    }
} catch is ServiceUnavailable {
    print("service is not available")
    exit(69)
}
