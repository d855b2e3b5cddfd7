# shellcheck shell=bash
# What the benchmarks share: two servers side by side, and what a request costs each of them.
#
# A benchmark defines `launch NAME [WRAPPER…]`, which calls start_server for the server of that
# name, run by the wrapper (taskset, valgrind).

# shellcheck source-path=SCRIPTDIR source=../scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib.sh"

bin=.build/benchmarks
files=$(mktemp -d)
declare -A pid url

# What serves runs on the first core that this process may use, what asks on the last.
cores=$(taskset -cp $$ | sed 's/.*: //')
# shellcheck disable=SC2034 # read by the scripts that source this file
on_server_core=() on_client_core=()
if [[ $cores == *[,-]* ]]; then
    # shellcheck disable=SC2034
    on_server_core=(taskset -c "${cores%%[,-]*}")
    on_client_core=(taskset -c "${cores##*[,-]}")
fi

# The options of a comparison of two servers, which their scripts explain.
rounds=7 seconds=3 connections=32 value_bytes=64 syscalls=0 instructions=0

read_comparison_options() {
    while (($#)); do
        case $1 in
        --rounds) rounds=$(option_number --rounds "$@") && shift ;;
        --seconds) seconds=$(option_number --seconds "$@") && shift ;;
        --connections) connections=$(option_number --connections "$@") && shift ;;
        --value-bytes) value_bytes=$(option_number --value-bytes "$@") && shift ;;
        --syscalls) syscalls=1 ;;
        --instructions) instructions=1 ;;
        -h | --help)
            show_help
            exit
            ;;
        *) usage_error "unknown argument '$1'" ;;
        esac
        shift
    done
}

stop_server() {
    [[ -n ${pid[$1]:-} ]] || return 0
    kill "${pid[$1]}" 2>/dev/null || true
    wait "${pid[$1]}" 2>/dev/null || true
    unset "pid[$1]"
}

stop_servers() {
    local name
    for name in "${!pid[@]}"; do stop_server "$name"; done
    rm -rf "$files"
}
trap stop_servers EXIT
trap 'exit 130' INT TERM

# build_c NAME FLAGS…: Benchmarks/NAME.c, optimised, to $bin/NAME.
build_c() {
    local name=$1
    shift
    mkdir -p "$bin"
    cc -std=gnu11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -o "$bin/$name" "Benchmarks/$name.c" "$@"
}

# start_server NAME COMMAND…: starts it, and waits until its log says url=http://…/kvs.
start_server() {
    local name=$1 tries
    shift
    : >"$files/$name.log"
    "$@" >>"$files/$name.log" 2>&1 &
    pid[$name]=$!
    for ((tries = 0; tries < 1000; tries++)); do
        url[$name]=$(sed -n 's/.*url="\{0,1\}\(http:[^" ]*\)\/kvs.*/\1/p' "$files/$name.log")
        [[ -z ${url[$name]} ]] || return 0
        kill -0 "${pid[$name]}" 2>/dev/null || break
        sleep 0.02
    done
    cat "$files/$name.log" >&2
    die "$name did not start"
}

# A port of 127.0.0.1 at which nothing listens, below those that the system hands out.
free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 10000))
        (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    done
    echo "$port"
}

# CPU time of a process, all its threads, user and system, in microseconds.
cpu_us() {
    local stat fields
    stat=$(<"/proc/$1/stat")
    read -r -a fields <<<"${stat##*) }"
    echo $(((fields[11] + fields[12]) * 1000000 / $(getconf CLK_TCK)))
}

rss_bytes() { awk '/^VmRSS:/ { print $2 * 1024 }' "/proc/$1/status"; }

median() {
    sort -n | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", a / b }'; }

# The key of which all GETs are: loader's first.
path=/kvs/key_000000000000

# Puts the value at all servers NAMED; dies unless they all give the same reply to a GET of it.
put_value() {
    local name
    printf 'val=' >"$files/form"
    head -c "$value_bytes" /dev/zero | tr '\0' 0 >>"$files/form"
    for name in "$@"; do
        curl -q -sS -f -o "$files/reply" -X PUT --data-binary "@$files/form" "${url[$name]}$path"
        curl -q -sS -f -o "$files/reply.$name" "${url[$name]}$path"
        cmp "$files/reply.$1" "$files/reply.$name" || die "$1 and $name give different replies"
    done
}

# wrk_round NAME SECONDS: keep-alive GETs of `path`; prints CPU microseconds per request.
wrk_round() {
    local name=$1 before after requests
    before=$(cpu_us "${pid[$name]}")
    "${on_client_core[@]}" wrk -t1 -c"$connections" -d"$2s" "${url[$name]}$path" >"$files/wrk"
    after=$(cpu_us "${pid[$name]}")
    ! grep -E 'Non-2xx|Socket errors' "$files/wrk" >&2 ||
        die "$name: not every GET was answered by 200"
    requests=$(awk '/requests in/ { print $1 }' "$files/wrk")
    awk -v us=$((after - before)) -v n="$requests" 'BEGIN { printf "%.2f", us / n }'
}

# compare A B: what the options ask for, of GETs of `path`.
compare() {
    compare_cpu "$@"
    ((!syscalls)) || compare_syscalls "$@"
    ((!instructions)) || compare_instructions "$@"
}

# A B A B …, each row a round, then the medians.
compare_cpu() {
    local a=$1 b=$2 round a_us b_us
    printf '\nCPU time per GET in microseconds (user and system; %d connections, %d s each)\n' \
        "$connections" "$seconds"
    printf '%-8s  %12s  %12s  %8s\n' round "$a" "$b" ratio
    wrk_round "$a" 1 >/dev/null
    wrk_round "$b" 1 >/dev/null
    for ((round = 1; round <= rounds; round++)); do
        a_us=$(wrk_round "$a" "$seconds")
        b_us=$(wrk_round "$b" "$seconds")
        echo "$a_us" >>"$files/a"
        echo "$b_us" >>"$files/b"
        printf '%-8d  %12s  %12s  %8s\n' "$round" "$a_us" "$b_us" "$(ratio "$a_us" "$b_us")"
    done
    a_us=$(median <"$files/a")
    b_us=$(median <"$files/b")
    printf '%-8s  %12.2f  %12.2f  %8s\n' median "$a_us" "$b_us" "$(ratio "$a_us" "$b_us")"
}

# get NAME N: exactly N GETs of `path`, one at a time on each connection.
get() {
    local host=${url[$1]#http://}
    "$bin/loader" -c "$connections" -d 1 -k 1 get "${host%:*}" "${host##*:}" "$2" \
        >"$files/loader" || die "$1: not every GET was answered by 200: $(<"$files/loader")"
}

# By strace: all of them, and the five most frequent.
compare_syscalls() {
    local requests=20000 name tracer
    printf '\nSystem calls per GET (strace -c, %d GETs over %d connections)\n' \
        "$requests" "$connections"
    for name in "$@"; do
        get "$name" 1000
        strace -c -f -o "$files/strace" -p "${pid[$name]}" 2>"$files/strace.log" &
        tracer=$!
        until grep -q attached "$files/strace.log"; do
            kill -0 "$tracer" 2>/dev/null || die "strace: $(<"$files/strace.log")"
            sleep 0.05
        done
        get "$name" "$requests"
        kill -INT "$tracer"
        wait "$tracer" || true
        # Columns: % time, seconds, usecs/call, calls, [errors], name; the last row is the total.
        awk -v name="$name" -v n="$requests" '
            $1 ~ /^[0-9.]+$/ && $NF == "total" { total = $4 }
            $1 ~ /^[0-9.]+$/ && $NF != "total" { calls[$NF] = $4 }
            END {
                printf "%-12s  %6.2f ", name, total / n
                for (i = 0; i < 5; i++) {
                    most = ""
                    for (c in calls) if (most == "" || calls[c] > calls[most]) most = c
                    if (most == "" || calls[most] / n < 0.01) break
                    printf "  %s %.2f", most, calls[most] / n
                    delete calls[most]
                }
                print ""
            }' "$files/strace"
    done
}

# callgrind_total NAME N: instructions in user space that the server, started anew under callgrind,
# runs from its start to its end, with N GETs between; sets `total`.
callgrind_total() {
    launch "$1" valgrind --quiet --tool=callgrind --callgrind-out-file="$files/callgrind.%p"
    get "$1" "$2"
    stop_server "$1"
    total=$(awk '/^totals:/ { n += $2 } END { print n }' "$files"/callgrind.*)
    rm -f "$files"/callgrind.*
}

# Callgrind counts the same, whatever else the machine does. What starting and connecting take goes
# out by a second run with fewer requests. Restarts both servers.
compare_instructions() {
    local requests=5000 name total few each=()
    printf '\nInstructions in user space per GET (callgrind, %d GETs over %d connections)\n' \
        "$requests" "$connections"
    for name in "$@"; do
        stop_server "$name"
        callgrind_total "$name" "$connections"
        few=$total
        callgrind_total "$name" $((requests + connections))
        each+=($(((total - few) / requests)))
        printf '%-12s  %d\n' "$name" "${each[-1]}"
    done
    printf '%-12s  %s\n' ratio "$(ratio "${each[@]}")"
}
