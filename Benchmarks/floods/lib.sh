# shellcheck shell=bash
# What beside-floods and held-memory share.

# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

export PYTHONDONTWRITEBYTECODE=1

# The processes of the servers that run.
server_pids=()

# prepare FILES: tools and program, and so many open files as the clients need.
prepare() {
    need_command curl
    need_command python3
    install_missing
    # Servers and clients get what the system lets them have.
    ulimit -n "$(ulimit -Hn)"
    [[ $(ulimit -n) == unlimited ]] || (($(ulimit -n) >= $1)) ||
        die "needs $1 open files, and may have $(ulimit -n): ulimit -n"
    build_kvs
    head -c 1572864 /dev/zero | tr '\0' a >"$files/large"
    # In JSON each of these takes six bytes.
    head -c 1572864 /dev/zero | tr '\0' '\1' >"$files/escaped"
    printf %064d 0 >"$files/good"
}

# start main|forwarder [NAME=VALUE…]: with one event loop; a forwarder is in front of `main`, on its
# own core.
start() {
    local name=$1 more=() core=("${on_server_core[@]}")
    shift
    if [[ $name == forwarder ]]; then
        more=(--main-ip "${url[main]#http://}")
        taskset_main_aside
    fi
    # shellcheck disable=SC2154 # `prepare` has set it.
    start_server "$name" "${core[@]}" env "$@" "$kvs" --ip 127.0.0.1 --port 0 --threads 1 \
        --shutdown-timeout 1s "${more[@]}"
    await_answer "${url[$name]}/readyz" "${pid[$name]}" || die "$name is not ready"
    if [[ $name == main ]]; then server_pids=("${pid[main]}"); else server_pids+=("${pid[$name]}"); fi
}

# The main behind a forwarder runs where the clients do, all its threads.
taskset_main_aside() {
    ((!${#on_client_core[@]})) || taskset -acp "${on_client_core[2]}" "${pid[main]}" >/dev/null
}

# Puts the values NAMED, or all, at the main.
put_values() {
    local name
    (($#)) || set -- good large escaped
    for name in "$@"; do
        curl -q -sS -f -o /dev/null -X PUT -H 'Content-Type: application/octet-stream' \
            --data-binary "@$files/$name" "${url[main]}/kvs/$name"
    done
}

# The highest that the process's resident memory has been, in bytes.
memory_peak() { awk '/^VmHWM:/ { print $2 * 1024 }' "/proc/$1/status"; }

mebibytes() { awk -v n="$1" 'BEGIN { printf "%.1f", n / 1048576 }'; }
