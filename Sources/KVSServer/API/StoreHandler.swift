import EventHTTP
import KVSStore

/// The main's answers: a request becomes an operation, and its outcome a reply.
///
/// One for each loop; for use on the loop's thread.
final class StoreHandler<Store: Engine>: RouteHandler {
    private let engine: Store
    private let surroundings: LoopSurroundings
    // Safe: used on the loop's thread only, and it calls nobody.
    @exclusivity(unchecked) private var decoder = WriteDecoder()

    /// Of one loop's handler.
    private let expiry: ExpiryTask?

    init(_ engine: Store, on surroundings: LoopSurroundings, expiry: ExpiryTask? = nil) {
        self.engine = engine
        self.expiry = expiry
        self.surroundings = surroundings
    }

    func handle(
        _ request: consuming HTTPRequest,
        key segment: UnsafeRawBufferPointer,
        query: UnsafeRawBufferPointer
    ) {
        do throws(APIError) {
            switch request.method {
            case .put, .delete:
                let write = try decoder.write(of: request, key: segment, query: query)
                engine.perform(write, for: request)
            default:
                let key = try Key(pathSegment: segment)
                guard request.isConditional else {
                    engine.perform(.read(key), for: request)
                    return
                }
                let form = request.valueForm
                let precondition = try PreconditionDecoder.precondition(of: request, for: form)
                engine.perform(
                    .read(key),
                    for: ConditionalRead(request: request, form: form, precondition: precondition)
                )
            }
        } catch {
            request.reply(error)
        }
    }

    func handleList(_ request: consuming HTTPRequest, query: UnsafeRawBufferPointer) {
        do throws(APIError) {
            let query = try ListDecoder.query(of: query)
            KeyListing.begin(query, for: request, of: engine, on: surroundings)
        } catch {
            request.reply(error)
        }
    }

    /// Who holds the data is always ready.
    func handleReadiness(_ request: consuming HTTPRequest) { request.replyIsHealthy() }

    func close() {
        expiry?.close()
        engine.close()
    }
}
