/// A sequence of requests, and what each of them must be answered. It holds for keys that did not exist.
package struct ContractCase: Sendable, CustomStringConvertible {
    /// One request of it.
    package struct Step: Sendable {
        package let request: ContractRequest
        package let expectation: ContractExpectation
        /// Which of several instances is asked, of a case that is about several.
        package let instance: Int
        /// For how long it is asked again where the reply is another one.
        let patience: Duration

        package init(
            _ request: ContractRequest,
            _ expectation: ContractExpectation,
            at instance: Int = 0,
            within patience: Duration = .zero
        ) {
            (self.request, self.expectation, self.instance) = (request, expectation, instance)
            self.patience = patience
        }
    }

    package let name: String
    private let makeSteps: @Sendable (String) -> [Step]

    /// - Parameter steps: The requests, for a key that no other case has. It begins with a letter in lower
    ///   case; the same in upper case, and what begins with it, are this case's own as well.
    package init(_ name: String, steps: @escaping @Sendable (_ key: String) -> [Step]) {
        self.name = name
        makeSteps = steps
    }

    package func steps(key: String) -> [Step] { makeSteps(key) }

    package var description: String { name }
}
