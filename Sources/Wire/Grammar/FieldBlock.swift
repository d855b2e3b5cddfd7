/// The field lines of a head that the guard has accepted, each with its CRLF, as they came.
@usableFromInline
package struct FieldBlock {
    @usableFromInline package let bytes: UnsafeRawBufferPointer

    @inlinable package init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Gives each field, the value without white space around it, to `body`, in order.
    package func forEach(
        _ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Void
    ) {
        var position = 0
        while let lineFeed = bytes.indexOfLineFeed(from: position) {
            let line = bytes.slice(position..<(lineFeed - 1))
            position = lineFeed + 1
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            body(
                line.slice(0..<colon),
                line.slice((colon + 1)..<line.count).trimmingWhitespace
            )
        }
    }

    /// Writes the fields that a gateway passes on (RFC 9110 §7.6.1) to `lines`, in order, as they came.
    ///
    /// - Parameters:
    ///   - hasConnection: Whether there is any `Connection` field.
    ///   - excluded: More names, in lower case, that are left out.
    package func writeEndToEndFields(
        to lines: inout FieldLines,
        hasConnection: Bool,
        except excluded: [StaticString]
    ) {
        var named = ConnectionOptions()
        if hasConnection {
            forEach { name, value in
                if name.equalsIgnoringCase("connection") { named.add(value) }
            }
            named.sort()
        }
        // Most fields are passed on: lines that stand together are copied together.
        var start = 0
        var position = 0
        while let lineFeed = bytes.indexOfLineFeed(from: position) {
            let line = bytes.slice(position..<(lineFeed - 1))
            let name = line.slice(0..<(line.firstIndex(of: UInt8(ascii: ":")) ?? 0))
            if HopByHop.contains(name) || named.contains(name)
                || excluded.contains(where: { name.equalsIgnoringCase($0) })
            {
                lines.write(lines: bytes.slice(start..<position))
                start = lineFeed + 1
            }
            position = lineFeed + 1
        }
        lines.write(lines: bytes.slice(start..<position))
    }
}
