# shellcheck shell=bash
# Runs tests in several processes at a time, and says in one line how each of them went. Source it after
# lib.sh, with `scratch` the path of a folder for what they say.
#
# Swift runs as many tasks at once as there are cores, and a test that waits for a server holds one of the
# threads for that. The tests of the program mostly wait: in one process they take nine minutes, most of
# which both cores are idle.

at_once=${KVS_TESTS_AT_ONCE:-$((3 * $(nproc)))}
# Of Swift Testing's lines there are no colours to look behind.
export NO_COLOR=1

# What takes longest; it begins first.
long_units=(
    SystemTests.AddressSpaceTests SystemTests.CorpusTests SystemTests.CorpusBesidePipeliningTests
    SystemTests.FaultTableTests SystemTests.SharedReadBufferTests SystemTests.LostUpdateTests
    SystemTests.LinearizabilityTests SystemTests.TransferTests
)
# What is measured here are shares of the processor's time.
lonely_units=(SystemTests.StarvedLoopTests SystemTests.OverloadTests)

# all_units BUNDLE: what is run in a process of its own: a suite of SystemTests, or all of another target.
all_units() {
    "$1" --testing-library swift-testing --list-tests |
        sed -E '/^SystemTests\./! s/\..*//; s/\/.*//' | sort -u
}

# unit_tests BUNDLE: the targets that neither start a program nor go on until their time is over.
unit_tests() { all_units "$1" | grep -vE '^(SystemTests\.|(Server)?SimulationTests$)'; }

run_unit_tests() {
    local units
    mapfile -t units < <(unit_tests "$1")
    run_units "$1" "$at_once" "${units[@]}"
}

run_all_tests() {
    local units status=0
    mapfile -t units < <(
        {
            printf '%s\n' "${long_units[@]}"
            all_units "$1"
        } | awk '!seen[$0]++' | grep -vxF -f <(printf '%s\n' "${lonely_units[@]}")
    )
    run_units "$1" "$at_once" "${units[@]}" || status=1
    run_units "$1" 1 "${lonely_units[@]}" || status=1
    return "$status"
}

# run_units BUNDLE AT_ONCE UNIT...: the first ones begin first. A unit is a target (`KVSServerTests`), a
# suite (`SystemTests.WireTests`), or a test of one (`SystemTests.CorpusTests/byteByByte`). Status 1: one
# failed; all that it said is shown then, but for what began and what passed.
run_units() {
    local bundle=$1 limit=$2 unit unit_logs ended running=0 status=0
    local -A begun=()
    shift 2
    # shellcheck disable=SC2154 # set by who sources this
    unit_logs=$(mktemp -d "$scratch/units.XXXXXX")
    # Not by `wait -n`, which in bash 5.2 misses what ends while it is not waited for.
    mkfifo "$unit_logs/ended"
    exec {ended}<>"$unit_logs/ended"
    for unit; do
        ((running < limit)) || end_one_unit || status=1
        begun[$unit]=$SECONDS
        running=$((running + 1))
        run_one_unit &
    done
    while ((running)); do
        end_one_unit || status=1
    done
    exec {ended}>&-
    return "$status"
}

# Runs `unit` of run_units, and writes its status and name to `ended`.
run_one_unit() {
    local filter=^${unit//./\\.} code=0
    case $unit in
    */*) filter+='\(' ;;
    *.*) filter+='/' ;;
    *) filter+='\.' ;;
    esac
    trap 'kill $! 2>/dev/null || true' TERM
    # A test has a limit of its own; this is for what hangs in spite of it.
    timeout --kill-after 10 900 "$bundle" --testing-library swift-testing --filter "$filter" \
        >"$unit_logs/${unit//\//.}" 2>&1 </dev/null {ended}>&- &
    wait $! || code=$?
    printf '%d %s\n' "$code" "$unit" >&"$ended"
}

# Waits for one of the processes of run_units, whose variables it uses, and tells of it.
end_one_unit() {
    local code name result=ok log summary count
    read -r code name <&"$ended"
    running=$((running - 1))
    log=$unit_logs/${name//\//.}
    summary=$(grep -aE '^(✔|✘) Test run with [0-9]+ tests? ' "$log") || code=${code/#0/1}
    count=$(sed -E 's/.*Test run with ([0-9]+) .*/\1/' <<<"$summary")
    # A name that no test has would pass.
    [[ $code == 0 && $count != 0 ]] || result=FAILED
    printf '%-6s %4d s %4d tests  %s\n' "$result" $((SECONDS - begun[$name])) "${count:-0}" "$name"
    if [[ $result == ok ]]; then
        grep -a '^➜' "$log" || true
        return 0
    fi
    # What began has several lines where an argument holds line ends.
    awk '/^◇/ { begins = 1 }
        !begins && !/^(✔|↳ Testing Library|↳ Target Platform)/ { print }
        / started\.$/ { begins = 0 }' "$log"
    printf -- '-- %s ended with status %d --\n' "$name" "$code"
    return 1
}

# Ends what still runs; the servers of the tests end with them.
end_all_units() {
    local pids
    mapfile -t pids < <(jobs -p)
    ((${#pids[@]} == 0)) || kill "${pids[@]}" 2>/dev/null || true
}
