import EventHTTP
import KVSStore
import Wire

/// What the conditional fields of a request ask for (RFC 9110 §13.1).
///
/// Dates mean nothing here, as nothing has one (§13.1.3, §13.1.4), and there are no ranges.
enum PreconditionDecoder {
    /// How many tags a list may have, of those that some value could have.
    static let maximumTags = 64

    /// - Parameter form: Whose tags count; nil where those of all do.
    /// - Returns: nil where the request has no such field.
    static func precondition(
        of request: borrowing HTTPRequest,
        for form: ValueForm?
    ) throws(APIError) -> Precondition? {
        guard request.isConditional else { return nil }
        return Precondition(
            // RFC 9110 §13.1.1: weak tags never match here, and do in the other.
            match: try contents(
                in: request,
                .ifMatch,
                for: form,
                takesWeak: false,
                .malformedIfMatch
            ),
            noneMatch: try contents(
                in: request,
                .ifNoneMatch,
                for: form,
                takesWeak: true,
                .malformedIfNoneMatch
            )
        )
    }

    private static func contents(
        in request: borrowing HTTPRequest,
        _ name: FieldName,
        for form: ValueForm?,
        takesWeak: Bool,
        _ malformed: APIError
    ) throws(APIError) -> Precondition.Contents? {
        guard request.field(name) != nil else { return nil }
        var condition = EntityTagCondition()
        var tags: [ContentTag] = []
        var fault: APIError?
        request.forEachField(name) { value in
            guard fault == nil else { return }
            do throws(EntityTagCondition.Malformed) {
                try condition.add(value) { tag in
                    guard takesWeak || !tag.isWeak,
                        let (content, itsForm) = ContentTag.named(by: tag),
                        form == nil || form == itsForm
                    else { return }
                    guard tags.count < maximumTags else {
                        fault = .tooManyEntityTags
                        return
                    }
                    tags.append(content)
                }
            } catch {
                fault = malformed
            }
        }
        if let fault { throw fault }
        return condition.isAny ? .any : .oneOf(tags)
    }
}

/// Whoever reads a value with conditions: they are looked at once it is there (RFC 9110 §13.2.2). Without
/// it, nobody looks at them (§13.2.1).
struct ConditionalRead: ~Copyable, OutcomeReceiver {
    let request: HTTPRequest
    let form: ValueForm
    let precondition: Precondition?

    consuming func receive(_ outcome: consuming Outcome) {
        guard case .found(let item) = outcome, let precondition else {
            request.receive(outcome)
            return
        }
        if !precondition.hasMatch(in: item) {
            request.replyPreconditionFailed(present: item.tag, form: form)
        } else if precondition.excludes(item) {
            let form = form
            request.reply(
                .notModified,
                .none,
                lines: { $0.write(item, form: form) },
                body: { _ in true }
            )
        } else {
            request.receive(.found(item))
        }
    }
}
