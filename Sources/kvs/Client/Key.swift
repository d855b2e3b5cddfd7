import ArgumentParser

/// A key on the command line, checked before anybody is asked.
struct Key: ExpressibleByArgument {
    /// 250: the contract's limit.
    static let rule = "a key is 1 to 250 of A-Z a-z 0-9 _"

    let text: String

    init(argument: String) { text = argument }

    /// - Throws: What ends the program with status 64.
    func validate() throws {
        guard !text.isEmpty, Self.isBeginning(text) else {
            throw ValidationError("'\(text.printable)' is no key: \(Self.rule)")
        }
    }

    /// Whether a key may begin with this text, or be it; the empty text is such a beginning.
    static func isBeginning(_ text: String) -> Bool {
        let isOfKey = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: true
            default: false
            }
        }
        return isOfKey && text.utf8.count <= 250
    }
}

/// How keys begin, on the command line.
struct KeyPrefix: ExpressibleByArgument {
    let text: String

    init(argument: String) { text = argument }

    /// Of no argument: all keys.
    init() { text = "" }

    /// - Throws: What ends the program with status 64.
    func validate() throws {
        guard Key.isBeginning(text) else {
            throw ValidationError("no key begins with '\(text.printable)': \(Key.rule)")
        }
    }
}
