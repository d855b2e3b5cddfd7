# shellcheck shell=bash
# shellcheck disable=SC2154 # at_once, bundle and scratch are set by who sources this
# Runs tests under a sanitizer. Source it after suites.sh.
#
# Everything is built with the sanitizer, and unit tests run in that build. The tests of the program are
# those of the plain build, which are faster, and start the sanitized program: what they are about is
# there. A sanitizer's reports go to files, so that one from a server that a test started and killed
# counts as well.

# Unit tests with several threads; of one alone ThreadSanitizer can say nothing, and takes its time.
thread_suites=(
    BlockCacheTests BufferBudgetTests ConnectionLimitTests KeyValueStoreTests LockExecutorTests
    LogQueueTests LoopQueueTests SharedBeliefTests
)
# What several loops do together, and with the store: relays, stops, limits that loops share, a killed main
# under load, histories. What one loop does alone cannot race.
thread_units=(
    SystemTests.MainFailureTests SystemTests.LinearizabilityTests/historiesAreLinearizable
    SystemTests.RelayTests SystemTests.ShutdownTests SystemTests.ForcedStopTests
    SystemTests.ConnectionLimitTests SystemTests.OneHangingRequestTests SystemTests.OverloadTests
)
# What comes over the wire, well and badly, from clients and from mains.
address_units=(
    SystemTests.CorpusTests/inOnePiece SystemTests.CorpusTests/byteByByte SystemTests.WireTests
    SystemTests.WireChunkedTests SystemTests.WireExpectTests SystemTests.WireValueSizeTests
    SystemTests.WireDisconnectTests SystemTests.ContractTests SystemTests.ContractBodyTests
    SystemTests.ContractValueTests SystemTests.MalformedRepliesTests SystemTests.InterimRepliesTests
    SystemTests.MainFailureTests SystemTests.SharedReadBufferTests/hangsNowAndThen
    SystemTests.ConnectionLimitTests SystemTests.ShutdownTests
)

# run_sanitized thread|address
run_sanitized() {
    local name=$1 status=0 plain units
    build_tests || return
    plain=$bundle
    local directory=.build-${name:0:1}san
    build_tests "--sanitize=$name" --scratch-path "$directory" || return
    case $name in
    thread) export TSAN_OPTIONS="log_path=$scratch/report-thread" ;;
    address)
        local leaks
        leaks=$(leak_detection)
        ((leaks)) || echo "leak detection does not work here (no ptrace?): running without it"
        ASAN_OPTIONS="detect_leaks=$leaks:log_path=$scratch/report-address"
        export ASAN_OPTIONS
        ;;
    esac
    # RequestRecordTests has its server within itself.
    case $name in
    thread) units=$(named_suites "$bundle" "${thread_suites[@]}") || return ;;
    address) units=$(unit_tests "$bundle") ;;
    esac
    mapfile -t units <<<"$units"
    run_units "$bundle" "$(nproc)" "${units[@]}" SystemTests.RequestRecordTests || status=1
    if [[ $name == thread ]]; then units=("${thread_units[@]}"); else units=("${address_units[@]}"); fi
    KVS_PROGRAM=${bundle%/*}/kvs run_units "$plain" "$at_once" "${units[@]}" || status=1
    unset TSAN_OPTIONS ASAN_OPTIONS
    local found=("$scratch/report-$name".*)
    if [[ -e ${found[0]} ]]; then
        printf '%d report(s):\n' "${#found[@]}"
        head -n 60 "${found[@]}"
        status=1
    fi
    return "$status"
}

# named_suites BUNDLE SUITE...: the units of these suites, whatever target of unit tests they are in.
named_suites() {
    local all suite
    all=$("$1" --testing-library swift-testing --list-tests | sed 's/\/.*//' | grep -v '^SystemTests\.')
    shift
    for suite; do
        grep -m 1 "\.$suite\$" <<<"$all" || die "no suite $suite: see scripts/sanitizers.sh"
    done
}

# Leak detection stops the process's threads by ptrace, which some containers forbid: then
# AddressSanitizer runs without it, and says so.
leak_detection() {
    local probe=$scratch/probe
    printf 'int main(void) { return 0; }\n' >"$probe.c"
    if clang -fsanitize=address -o "$probe" "$probe.c" 2>"$probe.log" &&
        ASAN_OPTIONS=detect_leaks=1 "$probe" 2>"$probe.log"; then
        echo 1
    else
        echo 0
    fi
}
