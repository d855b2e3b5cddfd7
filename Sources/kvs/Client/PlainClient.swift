import ContractCases
import EventLoops

/// A service, asked by one ``PlainExchange`` after the other.
struct PlainClient {
    let service: ServiceURL
    let timeout: Duration
    /// What the host's name means, best first.
    private let addresses: [SocketAddress]

    init(_ service: ServiceURL, timeout: Duration) {
        (self.service, self.timeout) = (service, timeout)
        let endpoint = service.endpoint
        addresses = SocketAddress.resolve(host: endpoint.host, port: endpoint.port)
    }

    /// Asks the first address that takes a connection.
    func send(_ request: ContractRequest) throws(PlainExchange.Failure) -> ContractReply {
        let end = ContinuousClock.now + timeout
        var failure = PlainExchange.Failure(.noHost, hasLeft: false)
        for address in addresses {
            let host = service.endpoint.hostField
            let exchange = PlainExchange(address: address, host: host, end: end)
            do throws(PlainExchange.Failure) {
                return try exchange.send(request)
            } catch {
                failure = error
                guard case .system(let error) = error.reason, error.call.description == "connect"
                else {
                    break
                }
            }
        }
        throw failure
    }
}
