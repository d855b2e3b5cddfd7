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
    ///   - omitted: What the guard has noted, of the head in which the fields begin at `position`.
    ///   - isOmitted: What it has noted them by.
    func writeEndToEndFields(
        to lines: inout FieldLines,
        omitting omitted: OmittedLines,
        at position: Int,
        by isOmitted: (_ name: UnsafeRawBufferPointer) -> Bool
    ) {
        guard omitted.isWhole else {
            writeEndToEndFields(to: &lines, by: isOmitted)
            return
        }
        // Of a request that is lost nothing is left.
        guard !bytes.isEmpty else { return }
        var start = 0
        for index in 0..<omitted.count {
            let run = omitted[index]
            lines.write(lines: bytes.slice(start..<(run.lowerBound - position)))
            start = run.upperBound - position
        }
        lines.write(lines: bytes.slice(start..<bytes.count))
    }

    /// The same where the guard could not note it all.
    func writeEndToEndFields(
        to lines: inout FieldLines,
        by isOmitted: (_ name: UnsafeRawBufferPointer) -> Bool
    ) {
        var named = ConnectionOptions()
        forEach { name, value in
            if name.equalsIgnoringCase("connection") { named.add(value) }
        }
        named.sort()
        // Most fields are passed on: lines that stand together are copied together.
        var start = 0
        var position = 0
        while let lineFeed = bytes.indexOfLineFeed(from: position) {
            let line = bytes.slice(position..<(lineFeed - 1))
            let name = line.slice(0..<(line.firstIndex(of: UInt8(ascii: ":")) ?? 0))
            if isOmitted(name) || named.contains(name) {
                lines.write(lines: bytes.slice(start..<position))
                start = lineFeed + 1
            }
            position = lineFeed + 1
        }
        lines.write(lines: bytes.slice(start..<position))
    }
}

extension RequestReader {
    /// Writes the fields that a gateway passes on to `lines`.
    package func writeEndToEndFields(to lines: inout FieldLines) {
        fields.writeEndToEndFields(
            to: &lines,
            omitting: head.omitted,
            at: head.fields.lowerBound,
            by: HopByHop.isOmittedFromRequest
        )
    }
}

extension ReplyHead {
    /// Writes the fields that a gateway passes on to `lines`.
    ///
    /// - Parameter head: The bytes in which this says where what stands.
    package func writeEndToEndFields(of head: UnsafeRawBufferPointer, to lines: inout FieldLines) {
        FieldBlock(bytes: head.slice(fields)).writeEndToEndFields(
            to: &lines,
            omitting: omitted,
            at: fields.lowerBound,
            by: HopByHop.isOmittedFromReply
        )
    }
}
