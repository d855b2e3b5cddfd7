/// A reply, with what the contract says something about.
package struct ContractReply: Sendable {
    package struct Field: Sendable {
        package let name: String
        package let value: String

        package init(name: String, value: String) {
            (self.name, self.value) = (name, value)
        }
    }

    package let status: Int
    package let fields: [Field]
    /// Without any transfer coding.
    package let body: [UInt8]

    package init(status: Int, fields: [Field], body: [UInt8]) {
        (self.status, self.fields, self.body) = (status, fields, body)
    }

    /// The value of a field, whatever the case of its name; several are joined by `, `.
    package subscript(name: String) -> String? {
        let values = fields.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }
}
