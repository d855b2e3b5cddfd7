import Foundation
import Testing

/// Each setting that is documented, as option and as variable. Which these are, the unit tests compare
/// with the table in the program.
@Suite("Settings", .timeLimit(.minutes(10)))
struct SettingsTests {
    @Test("--help explains each option, with variable and default, and ends with status 0")
    func help() throws {
        let run = try ServerProcess.run(arguments: ["--help"])
        #expect(run.status == .exited(0) && run.standardError == "")
        // It is broken into lines to fit a terminal.
        let words = run.standardOutput.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for setting in DocumentedSetting.all {
            #expect(words.contains("\(setting.option) <"), "\(setting)")
            #expect(words.contains(setting.note), "\(setting)")
        }
    }

    @Test("Each setting has one option, whose help names it, and no option has no setting")
    func options() throws {
        let run = try ServerProcess.run(arguments: ["--experimental-dump-help"])
        let dump = try JSONDecoder().decode(Dump.self, from: Data(run.standardOutput.utf8))
        let options = dump.command.arguments.filter { $0.kind == "option" }
        #expect(!DocumentedSetting.all.isEmpty && options.count == DocumentedSetting.all.count)
        for setting in DocumentedSetting.all {
            let own = options.filter { $0.names.contains { "--\($0.name)" == setting.option } }
            #expect(own.count == 1, "\(setting)")
            #expect(own.allSatisfy { $0.abstract.hasSuffix(" \(setting.note)") }, "\(setting)")
            #expect(own.allSatisfy { $0.names.count == 1 }, "\(setting)")
        }
    }

    /// What ArgumentParser says of its options to other programs.
    private struct Dump: Decodable {
        let command: Command

        struct Command: Decodable { let arguments: [Argument] }
        struct Argument: Decodable {
            let abstract: String
            let kind: String
            let names: [Name]
        }
        struct Name: Decodable { let name: String }
    }

    @Test(
        "An option goes to its own setting, and wins over the variable",
        arguments: DocumentedSetting.all
    )
    func option(setting: DocumentedSetting) throws {
        let run = try ServerProcess.run(
            ["IP": "127.0.0.1", "PORT": "0"].merging([setting.variable: "?variable"]) { $1 },
            arguments: [setting.option, "?option"]
        )
        #expect(run.status == .exited(78))
        #expect(run.standardError.hasPrefix("kvs: error: \(setting.variable) must be "))
        #expect(run.standardError.hasSuffix(", not '?option'\n"))
    }

    @Test("A variable is read where its option is absent", arguments: DocumentedSetting.all)
    func variable(setting: DocumentedSetting) throws {
        let run = try ServerProcess.run(
            ["IP": "127.0.0.1", "PORT": "0"].merging([setting.variable: "?variable"]) { $1 }
        )
        #expect(run.status == .exited(78))
        #expect(run.standardError.hasPrefix("kvs: error: \(setting.variable) must be "))
        #expect(run.standardError.hasSuffix(", not '?variable'\n"))
    }
}
