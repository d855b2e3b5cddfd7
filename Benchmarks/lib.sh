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
rounds=7 seconds=3 connections=32 value_bytes=64 head=bare syscalls=0 instructions=0

read_comparison_options() {
    while (($#)); do
        case $1 in
        --rounds) rounds=$(option_number --rounds "$@") && shift ;;
        --seconds) seconds=$(option_number --seconds "$@") && shift ;;
        --connections) connections=$(option_number --connections "$@") && shift ;;
        --value-bytes) value_bytes=$(option_number --value-bytes "$@") && shift ;;
        --head)
            head=$(option_value --head "$@")
            [[ $head == bare || $head == browser ]] || usage_error "--head takes bare or browser"
            shift
            ;;
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
    use_head "$head"
}

# What a browser sends: with Host, which wrk and loader send anyway, eleven fields.
browser_fields=(
    'Connection: keep-alive'
    'Cache-Control: max-age=0'
    'sec-ch-ua: "Chromium";v="130", "Google Chrome";v="130", "Not?A_Brand";v="99"'
    'Upgrade-Insecure-Requests: 1'
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
Chrome/130.0.0.0 Safari/537.36"
    'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8'
    'Sec-Fetch-Site: none'
    'Sec-Fetch-Mode: navigate'
    'Accept-Encoding: gzip, deflate, br, zstd'
    'Accept-Language: en-US,en;q=0.9'
)
ab_fields=('Connection: Keep-Alive' 'User-Agent: ApacheBench/2.3' 'Accept: */*')

# use_head bare|ab|browser: sets `head_options`, by which loader sends it; wrk takes all but ab's.
use_head() {
    local fields=() field
    head_options=()
    case $1 in
    bare) ;;
    ab)
        fields=("${ab_fields[@]}")
        head_options=(-0)
        ;;
    browser) fields=("${browser_fields[@]}") ;;
    esac
    for field in "${fields[@]}"; do head_options+=(-H "$field"); done
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
    "${on_client_core[@]}" wrk -t1 -c"$connections" -d"$2s" "${head_options[@]}" \
        "${url[$name]}$path" >"$files/wrk"
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
    printf '\nCPU time per GET in microseconds (user and system; %s head, %d connections, %d s each)\n' \
        "$head" "$connections" "$seconds"
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

# What `ask` sends, by loader's name of it.
command='get'

# ask NAME N: exactly N requests for `path`, one at a time on each connection.
ask() {
    local host=${url[$1]#http://}
    "$bin/loader" -c "$connections" -d 1 -k 1 -v "$value_bytes" "${head_options[@]}" \
        "$command" "${host%:*}" "${host##*:}" "$2" >"$files/loader" ||
        die "$1: not every request was answered by 200: $(<"$files/loader")"
}

# trace NAME N: what system calls N requests take, to $files/strace. False, and says why in
# $files/strace.log, where strace may not attach.
trace() {
    local tracer
    ask "$1" 1000
    # What the last one said is not this one's.
    : >"$files/strace.log"
    strace -c -f -o "$files/strace" -p "${pid[$1]}" 2>"$files/strace.log" &
    tracer=$!
    until grep -q attached "$files/strace.log"; do
        kill -0 "$tracer" 2>/dev/null || return 1
        sleep 0.05
    done
    ask "$1" "$2"
    kill -INT "$tracer"
    wait "$tracer" || true
}

# By strace: all of them, and the five most frequent.
compare_syscalls() {
    local requests=20000 name
    printf '\nSystem calls per GET (strace -c, %d GETs over %d connections)\n' \
        "$requests" "$connections"
    for name in "$@"; do
        trace "$name" "$requests" || die "strace: $(<"$files/strace.log")"
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

# callgrind_totals NAME N: what the server, started anew under callgrind, does from its start to its
# end, with N requests between; sets `total_instructions`, those in user space, and
# `total_allocations`, its calls of malloc and the like.
callgrind_totals() {
    launch "$1" valgrind --quiet --tool=callgrind --callgrind-out-file="$files/callgrind.%p"
    ask "$1" "$2"
    stop_server "$1"
    # A function has its name where it comes first, and its number from there on. "fn=" begins the
    # costs of one, "cfn=" and "calls=" tell whom it called and how often. What the allocator calls
    # of itself is no allocation of its own.
    read -r total_instructions total_allocations < <(awk '
        function name_of(reference, parts) {
            if (split(substr(reference, index(reference, "=") + 1), parts, " ") > 1)
                names[parts[1]] = parts[2]
            return names[parts[1]]
        }
        function allocates(name) {
            return name ~ /^(__libc_)?(malloc|calloc|realloc|memalign|posix_memalign|aligned_alloc)$/
        }
        FNR == 1 { delete names }
        /^fn=/ { caller = name_of($0) }
        /^cfn=/ { called = name_of($0) }
        /^calls=/ && allocates(called) && !allocates(caller) { allocations += substr($1, 7) }
        /^totals:/ { instructions += $2 }
        END { print instructions, allocations }' "$files"/callgrind.*)
    rm -f "$files"/callgrind.*
    [[ -n $total_instructions ]] || die "$1: callgrind counted nothing: $(<"$files/$1.log")"
}

# count_each NAME N: what each of N requests takes; sets `instructions_each` and `allocations_each`.
# Callgrind counts the same, whatever else the machine does. What starting and connecting take goes
# out by a run with fewer requests. Restarts the server, twice.
count_each() {
    local few_instructions few_allocations
    stop_server "$1"
    callgrind_totals "$1" "$connections"
    few_instructions=$total_instructions few_allocations=$total_allocations
    callgrind_totals "$1" $(($2 + connections))
    instructions_each=$(((total_instructions - few_instructions) / $2))
    # shellcheck disable=SC2034 # read by the scripts that source this file
    allocations_each=$(ratio $((total_allocations - few_allocations)) "$2")
}

compare_instructions() {
    local requests=5000 name each=()
    printf '\nInstructions in user space per GET (callgrind, %d GETs over %d connections)\n' \
        "$requests" "$connections"
    for name in "$@"; do
        count_each "$name" "$requests"
        each+=("$instructions_each")
        printf '%-12s  %d\n' "$name" "$instructions_each"
    done
    printf '%-12s  %s\n' ratio "$(ratio "${each[@]}")"
}
