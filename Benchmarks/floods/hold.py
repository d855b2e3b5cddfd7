#!/usr/bin/env python3
"""Many clients that each begin something, and then keep still: what they make a server hold.

usage: hold.py [--renew] ADDRESS CLIENTS SECONDS KIND

  unread KEY GETS  so many GETs, whose replies are not read before the end
  put              a whole PUT of the largest value, percent-encoded, each after the one before has
                   gone: together they would fill what the server has for incomplete ones
  announced        the head of a PUT of the largest body, and nothing of that
  half-head BYTES  the beginning of a head
  half-body        the head of a body of 4 MiB, and 2 MiB of that
  --renew          who was refused or cut comes again, 200 of them in a second at most

Prints how many clients were answered with which status (their first request), how many replies and
connections were cut, and how many clients still waited at the end."""

import sys

from crowd import Crowd
from stopping import Until
from wire import (BODY_BYTES, VALUE_BYTES, address_of, get, half_body, half_head, head_of_put,
                  put_form)


def request_of(kind, arguments):
    match kind:
        case "unread":
            return get(arguments[0]) * int(arguments[1])
        case "put":
            return put_form("flood", 1, VALUE_BYTES)
        case "announced":
            return head_of_put("flood", BODY_BYTES)
        case "half-head":
            return half_head(int(arguments[0]))
        case "half-body":
            return half_body()
    raise SystemExit(f"no such kind: {kind}")


def main():
    arguments = sys.argv[1:]
    renews = arguments[0] == "--renew"
    address, count, seconds, kind, *rest = arguments[renews:]
    until = Until(float(seconds))
    reads = kind != "unread"
    crowd = Crowd(address_of(address), request_of(kind, rest), reads)
    while not until.is_over():
        if renews:
            crowd.renew()
        if kind == "put" and not crowd.has_sent():
            crowd.turn()
            continue
        crowd.grow(min(int(count), len(crowd.clients) + 1) if kind == "put" else int(count))
    if not reads and not renews:
        crowd.read_out()
    print(", ".join(f"{n}x{name}" for name, n in sorted(crowd.outcomes().items())))
    crowd.close()


main()
