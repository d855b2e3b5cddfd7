import Testing

/// What scripts/install makes of the program's own description: completions.
@Suite("Completions", .timeLimit(.minutes(5)))
struct CompletionTests {
    @Test(
        "There is a script for each shell, and it knows each command",
        arguments: ["bash", "zsh", "fish"]
    )
    func scripts(shell: String) throws {
        let run = try CommandRun(["--generate-completion-script", shell])
        #expect(run.status == .exited(0) && run.error == "")
        let words = [
            "serve", "put", "get", "delete", "list", "export", "import", "health", "check",
            "main-down", "threads", "if-match", "ttl",
        ]
        for word in words {
            #expect(run.output.contains(word), "\(word)")
        }
    }

    @Test("bash completes a command's name and its options")
    func bash() throws {
        let script = #"""
            source <("$0" --generate-completion-script bash)
            complete_line() {
                COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
                COMPREPLY=()
                "$(complete -p kvs | sed -E 's/.*-F ([^ ]+) .*/\1/')" kvs "${COMP_WORDS[-1]}"
                echo "${COMPREPLY[@]}"
            }
            complete_line kvs de
            complete_line kvs put key --fi
            complete_line kvs check --main
            """#
        let run = try CommandRun(
            command: ["bash", "-c", script, try ServerProcess.Program.kvs.path()],
            service: nil,
            input: nil
        )
        #expect(run.output == "delete\n--file\n--main-down\n", "\(run.error)")
    }
}
