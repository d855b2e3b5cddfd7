#!/usr/bin/env python3
"""Fills a main until it refuses, in one of the ways in which a heap grows beyond its items.

usage: fill.py ADDRESS small|large|growing|replaced|crowded SECONDS

  small      values of 50 bytes
  large      values of 1 MiB
  growing    small ones; then each second key is deleted, and values of 130 bytes come
  replaced   values of 2,000 bytes, then replaced by 100 to 6,000 bytes, for SECONDS
  crowded    values of 3,000 bytes; then 60 clients that do not read a reply of 9 MB, and 60 that
             send half of a body of 4 MiB

Prints how many requests were answered with which status. SECONDS bounds each step."""

import collections
import random
import sys
import threading
import time

from wire import VALUE_BYTES, address_of, connect, get, half_body, put

BATCH_BYTES = 400_000
CROWD = 60
CROWD_SECONDS = 2


class Client:
    """Sends many requests at once, and reads their replies meanwhile."""

    def __init__(self, address):
        self.connection = connect(address)
        self.connection.settimeout(60)
        self.replies = self.connection.makefile("rb")
        self.statuses = collections.Counter()

    def send(self, requests):
        """Whether none of them was refused."""
        sender = threading.Thread(target=self.connection.sendall, args=(b"".join(requests),))
        sender.start()
        statuses = [self._read() for _ in requests]
        sender.join()
        self.statuses.update(statuses)
        return 507 not in statuses

    def _read(self):
        status = int(self.replies.readline().split()[1])
        length = 0
        while (line := self.replies.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        self.replies.read(length)
        return status

    def fill(self, prefix, size, seconds):
        """Puts values until one is refused. Returns how many keys it has tried."""
        end = time.monotonic() + seconds
        batch = max(1, BATCH_BYTES // (size + 200))
        count = 0
        while time.monotonic() < end:
            keys = range(count, count + batch)
            count += batch
            if not self.send([put(f"{prefix}{key}", b"a" * size) for key in keys]):
                break
        return count


def delete(key):
    return f"DELETE /kvs/{key} HTTP/1.1\r\nHost: a\r\n\r\n".encode()


def grow(client, seconds):
    count = client.fill("small", 50, seconds)
    for first in range(0, count, 4000):
        client.send([delete(f"small{key}") for key in range(first, min(first + 4000, count), 2)])
    client.fill("more", 130, seconds)


def replace(client, seconds):
    count = client.fill("key", 2000, seconds)
    end = time.monotonic() + seconds
    chance = random.Random(1)
    while time.monotonic() < end:
        client.send([put(f"key{chance.randrange(count)}", b"b" * chance.randrange(100, 6000))
                     for _ in range(500)])


def crowd(client, address, seconds):
    client.send([put("large", b"\1" * VALUE_BYTES)])
    client.fill("key", 3000, seconds)
    held = []
    for request in [get("large")] * CROWD + [half_body()] * CROWD:
        connection = connect(address, receive_bytes=4096)
        connection.settimeout(1)
        held.append(connection)
        try:
            connection.sendall(request)
        except OSError:
            pass  # It is refused: that is what the budget is for.
    time.sleep(CROWD_SECONDS)


def main():
    address, kind, seconds = address_of(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    client = Client(address)
    match kind:
        case "small":
            client.fill("key", 50, seconds)
        case "large":
            client.fill("key", 1 << 20, seconds)
        case "growing":
            grow(client, seconds)
        case "replaced":
            replace(client, seconds)
        case "crowded":
            crowd(client, address, seconds)
        case _:
            raise SystemExit(f"no such kind: {kind}")
    print(", ".join(f"{n}x{status}" for status, n in sorted(client.statuses.items())))


main()
