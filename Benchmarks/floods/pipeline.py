#!/usr/bin/env python3
"""A flood of requests without end: sends them on each connection as fast as the socket takes them,
and reads what comes as fast as it can.

usage: pipeline.py ADDRESS CONNECTIONS SECONDS get KEY | octets KEY | put

Prints how many replies came, by their status."""

import collections
import selectors
import sys

from stopping import Until
from wire import VALUE_BYTES, address_of, connect, get, put

MARK = b"HTTP/1.1 "
MARK_BYTES = len(MARK) + 3  # with the status
BATCH_BYTES = 65_536
READ_BYTES = 1 << 20


class Pipeline:
    """One connection."""

    def __init__(self, address, batch):
        self.socket = connect(address)
        self.socket.setblocking(False)
        self.batch = self.left = batch
        # The last bytes that came: a mark may have been cut in two.
        self.tail = b""

    def send(self):
        sent = self.socket.send(self.left)
        self.left = self.left[sent:] or self.batch

    def receive(self, buffer, statuses):
        """False at the end. Replies are counted by their first words alone, which no value holds:
        to take them apart would make the flood a slow one."""
        kept = len(self.tail)
        buffer[:kept] = self.tail
        count = self.socket.recv_into(memoryview(buffer)[kept:])
        end = kept + count
        last = max(0, end - MARK_BYTES)
        at = buffer.find(MARK, 0, end)
        while 0 <= at <= last:
            statuses[buffer[at + len(MARK):at + MARK_BYTES].decode()] += 1
            at = buffer.find(MARK, at + MARK_BYTES, end)
        # What can still become a mark begins behind the last place at which a whole one fits.
        self.tail = bytes(buffer[last + 1:end]) if end >= MARK_BYTES else bytes(buffer[:end])
        return count > 0


def main():
    address, connections, until = address_of(sys.argv[1]), int(sys.argv[2]), Until(float(sys.argv[3]))
    if sys.argv[4] != "put":
        request = get(sys.argv[5], octets=sys.argv[4] == "octets")
        batch = request * (BATCH_BYTES // len(request))
    else:
        batch = put("flood", b"a" * VALUE_BYTES)
    batch, buffer = memoryview(batch), bytearray(READ_BYTES)
    statuses, again = collections.Counter(), 0
    both = selectors.EVENT_READ | selectors.EVENT_WRITE
    with selectors.DefaultSelector() as selector:
        for _ in range(connections):
            pipeline = Pipeline(address, batch)
            selector.register(pipeline.socket, both, pipeline)
        while not until.is_over():
            for key, events in selector.select(0.05):
                pipeline, goes_on = key.data, True
                try:
                    if events & selectors.EVENT_READ:
                        goes_on = pipeline.receive(buffer, statuses)
                    if goes_on and events & selectors.EVENT_WRITE:
                        pipeline.send()
                except BlockingIOError:
                    pass
                except OSError:
                    goes_on = False
                if not goes_on:
                    # Refused or cut: the flood goes on with a new connection.
                    again += 1
                    selector.unregister(pipeline.socket)
                    pipeline.socket.close()
                    pipeline = Pipeline(address, batch)
                    selector.register(pipeline.socket, both, pipeline)
    counts = [f"{count}x{status}" for status, count in sorted(statuses.items())]
    print(" ".join(counts + ([f"{again} ended"] if again else [])) or "no reply")


main()
