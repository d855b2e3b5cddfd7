import Basics
import Glibc

// Safe: set by the only thread, and read by its signal handler.
nonisolated(unsafe) private var presentSeed: UInt64 = 0

/// A simulation as a program of its own; `scripts/simulate` builds and explains it.
package enum SimulationProgram {
    package static func run<Schedule: SimulatedSchedule>(_ kind: Schedule.Type) -> Never {
        var first: UInt64 = 1
        var schedules = 100_000
        var findings = 1
        var replay: UInt64?
        var arguments = CommandLine.arguments.dropFirst()
        while let name = arguments.popFirst(), let value = arguments.popFirst() {
            switch name {
            case "--seed": first = UInt64(value) ?? first
            case "--schedules": schedules = Int(value) ?? schedules
            case "--findings": findings = Int(value) ?? findings
            case "--replay": replay = UInt64(value)
            default: break
            }
        }
        if let replay {
            exit(Schedule(seed: replay, isTraced: true).run() == nil ? 0 : 1)
        }
        nameSeedOnTrap()
        let run = SimulationRun(of: kind, first: first)
        exit(finish(run, schedules: schedules, findings: findings))
    }

    private static func finish<Schedule>(
        _ run: consuming SimulationRun<Schedule>,
        schedules: Int,
        findings: Int
    ) -> Int32 {
        let start = MonotonicTime.now
        while run.schedules < schedules, run.violations.count < findings {
            presentSeed = run.nextSeed
            run.runNext()
        }
        let span = MonotonicTime.now - start
        let rate = Double(run.schedules) / (Double(max(span.nanoseconds, 1)) / 1e9)
        for violation in run.violations { print(violation) }
        print(
            "\(run.schedules) schedules from seed \(run.first), \(run.events) events,",
            "\(span.inMilliseconds) ms, \(Int(rate)) schedules/s:",
            run.violations.isEmpty ? "every promise kept" : "a promise was not kept"
        )
        return run.violations.isEmpty ? 0 : 1
    }

    /// A trap ends the program: it says which schedule that was.
    private static func nameSeedOnTrap() {
        for number in [SIGILL, SIGTRAP, SIGSEGV, SIGABRT] {
            signal(number) { number in
                var digits = (
                    UInt8(ascii: "\n"), UInt8(0), UInt64(0), UInt64(0), UInt64(0)
                )
                withUnsafeMutableBytes(of: &digits) { bytes in
                    var rest = presentSeed
                    var place = bytes.count
                    repeat {
                        place -= 1
                        bytes[place] = UInt8(ascii: "0") + UInt8(rest % 10)
                        rest /= 10
                    } while rest > 0
                    _ = write(STDOUT_FILENO, "a trap with seed ", 17)
                    // Safe: the buffer is not empty.
                    _ = write(STDOUT_FILENO, bytes.baseAddress! + place, bytes.count - place)
                    _ = write(STDOUT_FILENO, "\n", 1)
                }
                signal(number, SIG_DFL)
                raise(number)
            }
        }
    }
}
