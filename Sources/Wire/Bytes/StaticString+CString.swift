extension StaticString {
    /// The literal as a C string: the compiler ends each with NUL.
    package var cString: UnsafePointer<CChar> {
        // Safe: CChar and UInt8 have the same layout.
        UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self)
    }
}
