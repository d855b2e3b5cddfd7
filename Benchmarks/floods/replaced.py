#!/usr/bin/env python3
"""Readers of one value that do not read, and before each of them the value is replaced: so many
values of the past the server may have to keep.

usage: replaced.py ADDRESS CLIENTS SECONDS KEY BYTE GETS

The value is 1.5 MiB of that byte (a number), each reader asks for it so many times.

At the end the replies are read. Prints what hold.py prints, and the statuses of the PUTs."""

import collections
import sys
import time

from crowd import Crowd
from reply import Reply
from stopping import Until
from wire import VALUE_BYTES, address_of, connect, get, put

# Time for the server to make the reply before the value goes.
PAUSE_SECONDS = 0.03


def replace(address, key, value):
    """By a new client each time, so that a refusal is not the next one's trouble."""
    reply = Reply()
    with connect(address) as client:
        client.settimeout(10)
        try:
            client.sendall(put(key, value))
            while not reply.is_whole:
                data = client.recv(4_096)
                if not data:
                    return "cut"
                reply.feed(data)
        except OSError:
            return "cut"
    return reply.status


def main():
    address, count, seconds, key, byte, gets = sys.argv[1:]
    value = bytes([int(byte)]) * VALUE_BYTES
    address, until = address_of(address), Until(float(seconds))
    crowd = Crowd(address, get(key) * int(gets), reads=False)
    replacements = collections.Counter()
    for _ in range(int(count)):
        replacements[replace(address, key, value)] += 1
        crowd.open()
        crowd.turn(0)
        time.sleep(PAUSE_SECONDS)
    while not until.is_over():
        crowd.turn()
    crowd.read_out()
    print(", ".join(f"{n}x{name}" for name, n in sorted(crowd.outcomes().items())),
          "PUTs: " + ", ".join(f"{n}x{status}" for status, n in replacements.items()), sep="; ")
    crowd.close()


main()
