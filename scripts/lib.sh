# shellcheck shell=bash
# What the scripts share. Source it; it changes to the top of the tree and sets `top`.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top" || exit
# An error inside $(…) ends the script too.
shopt -s inherit_errexit

# The build that is served, put into the image and measured: one set of flags for all three.
release_flags=(-c release --static-swift-stdlib)

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

die() {
    say "error: $*"
    exit 1
}

usage_error() {
    say "error: $*"
    say "see ${0##*/} --help"
    exit 64
}

# Prints the comment at the head of the running script: its usage text stands there only.
show_help() { sed -n '2,/^[^#]/ { /^#/ { s/^# \{0,1\}//; p; }; }' "$0"; }

# The value of an option: option_value NAME "$@" with the arguments from the option's name on.
option_value() {
    (($# >= 3)) || usage_error "$1 needs a value"
    printf '%s\n' "$3"
}

# The value of an option that takes a whole number from 1 up.
option_number() {
    local value
    value=$(option_value "$@")
    [[ $value =~ ^[1-9][0-9]*$ ]] || usage_error "$1 takes a whole number from 1 up, not '$value'"
    printf '%s\n' "$value"
}

missing=()

# need_command COMMAND [PACKAGE]: the Debian package is wanted if there is no such command.
need_command() { command -v "$1" >/dev/null || missing+=("${2:-$1}"); }

# need_library PKG-CONFIG-NAME PACKAGE
need_library() {
    if ! command -v pkg-config >/dev/null; then
        missing+=(pkg-config "$2")
    elif ! pkg-config --exists "$1"; then
        missing+=("$2")
    fi
}

# need_package PACKAGE: for what holds neither a command nor a library that could be asked for.
need_package() {
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]] ||
        missing+=("$1")
}

# Installs what the calls above found missing, as root or by sudo.
install_missing() {
    ((${#missing[@]})) || return 0
    command -v apt-get >/dev/null ||
        die "please install (names as in Debian): ${missing[*]}"
    local as_root=()
    if ((EUID != 0)); then
        command -v sudo >/dev/null || die "please install, as root: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive
        apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0)
    say "installing with apt-get: ${missing[*]}"
    "${apt[@]}" update >&2 || say "apt-get update failed; going on with the lists that are here"
    "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >&2
    missing=()
}

# What `swift build` needs on a machine that has the toolchain only.
need_build_tools() {
    command -v swift >/dev/null || die "no swift on the PATH: install Swift 6.2 or later (swift.org)"
    need_command git
    [[ -e /etc/ssl/certs/ca-certificates.crt ]] || missing+=(ca-certificates)
    need_library libevent libevent-dev
    need_library libxxhash libxxhash-dev
    install_missing
}

# Builds the program and sets `kvs` to its path. KVS_PROGRAM in the environment names one that is
# built already.
build_kvs() {
    if [[ -n ${KVS_PROGRAM:-} ]]; then
        [[ -x $KVS_PROGRAM ]] || die "KVS_PROGRAM=$KVS_PROGRAM: no such program"
        kvs=$KVS_PROGRAM
        return
    fi
    need_build_tools
    say "building (swift build ${release_flags[*]})"
    swift build "${release_flags[@]}" --product kvs >&2
    # Read by the scripts that source this file.
    # shellcheck disable=SC2034
    kvs=$(swift build "${release_flags[@]}" --product kvs --show-bin-path)/kvs
}

# Waits until URL answers 200, at most 10 s, and while process PID (if given) lives.
await_answer() {
    local url=$1 pid=${2:-} tries
    for ((tries = 0; tries < 1000; tries++)); do
        [[ $(curl -s -o /dev/null -m 2 -w '%{http_code}' "$url") == 200 ]] && return 0
        [[ -z $pid ]] || kill -0 "$pid" 2>/dev/null || return 1
        sleep 0.01
    done
    return 1
}

# compile_swift FLAGS…: swiftc for programs that are built without the package: one module, optimised.
compile_swift() {
    swiftc -swift-version 6 -O -wmo -parse-as-library -package-name kvs -I Sources/CMalloc -I Sources/CXXHash \
        -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault "$@"
}

# compile_module TREE NAME FOLDER FLAGS…: the target TREE/Sources/NAME, whole, as NAME.o and a module in
# FOLDER.
compile_module() {
    local tree=$1 name=$2 folder=$3 sources
    shift 3
    mapfile -t sources < <(find "$tree/Sources/$name" -name '*.swift')
    compile_swift -I "$folder" -module-name "$name" -emit-module \
        -emit-module-path "$folder/$name.swiftmodule" -c -o "$folder/$name.o" "$@" "${sources[@]}" \
        >"$folder/$name.log" 2>&1 || { cat "$folder/$name.log" >&2; die "$name does not compile"; }
}
