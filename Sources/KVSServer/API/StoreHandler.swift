import EventHTTP
import KVSStore

/// The main's answers: a request becomes an operation, and its outcome a reply.
///
/// One for each loop; for use on the loop's thread.
final class StoreHandler<Store: Engine>: RouteHandler {
    private let engine: Store
    // Safe: used on the loop's thread only, and it calls nobody.
    @exclusivity(unchecked) private var decoder = OperationDecoder()

    init(_ engine: Store) {
        self.engine = engine
    }

    func handle(_ request: consuming HTTPRequest, key segment: UnsafeRawBufferPointer) {
        let operation: Operation
        do throws(APIError) {
            operation = try decoder.operation(of: request, key: segment)
        } catch {
            request.reply(error)
            return
        }
        engine.perform(operation, for: request)
    }

    /// Who holds the data is always ready.
    func handleReadiness(_ request: consuming HTTPRequest) { request.replyIsHealthy() }

    func close() { engine.close() }
}
