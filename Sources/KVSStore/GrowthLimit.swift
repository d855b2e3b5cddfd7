/// Holds back a store whose heap has outgrown it.
///
/// What items take is counted, but what the heap keeps in holes between them is not: values that grow
/// leave holes that are too small for anything. Above the ceiling the items may not take more than they
/// do at that moment, so that a delete makes room for a put, and the heap stays as it is. What is resident
/// need not be the items' doing: connections and the program take some as well. So a floor is theirs in
/// any case.
struct GrowthLimit {
    /// In bytes of resident memory.
    let ceiling: Int
    /// What items may take whatever is resident, in bytes.
    let floor: Int
    /// What items may take now, in bytes; no limit of ours where it is the largest number.
    private(set) var footprint = Int.max
    private var heldAt = 0

    init(ceiling: Int, floor: Int) {
        self.ceiling = ceiling
        self.floor = floor
    }

    /// - Parameters:
    ///   - resident: What the process has resident, without buffers, in bytes.
    ///   - present: What the items take, in bytes.
    mutating func note(resident: Int, present: Int) {
        if resident <= ceiling {
            footprint = .max
        } else if footprint == .max || resident > heldAt + heldAt / 100 {
            // For the first time, or it grows although nothing more is held: the holes do not serve.
            footprint = max(floor, present)
            heldAt = resident
        }
    }
}
