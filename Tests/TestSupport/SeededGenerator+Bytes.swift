extension SeededGenerator {
    /// Returns `count` bytes, any of the 256 with the same probability.
    package mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    /// Returns `count` bytes out of `alphabet`.
    package mutating func bytes(_ count: Int, of alphabet: [UInt8]) -> [UInt8] {
        (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &self)] }
    }

    /// Returns `count` Unicode scalars of all planes and lengths in UTF-8, controls among them.
    package mutating func text(_ count: Int) -> String {
        var text = String.UnicodeScalarView()
        while text.count < count {
            let bound: UInt32 =
                [0x20, 0x80, 0x800, 0x1_0000, 0x11_0000].randomElement(using: &self) ?? 0x80
            if let scalar = Unicode.Scalar(UInt32.random(in: 0..<bound, using: &self)) {
                text.append(scalar)
            }
        }
        return String(text)
    }
}
