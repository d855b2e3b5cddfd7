import Glibc

/// Tries until `condition` holds, for at most `timeout`.
///
/// - Returns: Whether it held.
func eventually(
    within timeout: Duration = .seconds(10),
    _ condition: () throws -> Bool
) rethrows -> Bool {
    let deadline = ContinuousClock.now + timeout
    while ContinuousClock.now < deadline {
        if try condition() { return true }
        usleep(1000)
    }
    return try condition()
}
