#!/usr/bin/env bash
# put, get and delete with curl. Usage: bash kvs.sh http://127.0.0.1:8080
# One call of curl makes all requests, over one connection: each --next begins another one.
set -euo pipefail

url=$1/kvs/example
files=$(mktemp -d)
trap 'rm -rf "$files"' EXIT
for byte in {0..255}; do printf '%b' "\\0$(printf %o "$byte")"; done >"$files/value"

calls=(get put put get delete delete)
requests=()
for i in "${!calls[@]}"; do
    case ${calls[i]} in
    put) request=(-X PUT -H 'Content-Type: application/octet-stream' --data-binary "@$files/value") ;;
    get) request=(-H 'Accept: application/octet-stream') ;;
    delete) request=(-X DELETE) ;;
    esac
    requests+=(--next -sS -o "$files/reply$i" -w '%{http_code}\n' "${request[@]}" "$url")
done
mapfile -t statuses < <(curl "${requests[@]:1}")

for i in "${!calls[@]}"; do
    reply=$files/reply$i
    case ${calls[i]}:${statuses[i]} in
    put:201) echo 'put: new' ;;
    put:200) echo 'put: replaced' ;;
    get:200) cmp "$reply" "$files/value" && echo "get: $(stat -c %s "$reply") bytes, unharmed" ;;
    delete:200) echo 'delete: done' ;;
    *:404)
        if grep -qF '"service is not available"' "$reply"; then
            echo 'service is not available'
            exit 69
        fi
        echo "${calls[i]}: key does not exist"
        ;;
    *)
        echo "${statuses[i]} $(<"$reply")"
        exit 1
        ;;
    esac
done
