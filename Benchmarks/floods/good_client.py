#!/usr/bin/env python3
"""A client that does nothing wrong: one keep-alive connection, one request at a time, a GET and a
small PUT by turns, a pause after each; now and then a large PUT on a second connection, so that one
that is refused, and closed, does not change the times of the small ones. Tells how long each took.

usage: good_client.py ADDRESS SECONDS PID…

The processes are those of the servers. Prints one line of NAME=VALUE; times in ms."""

import os
import sys
import time

from cores import Process
from reply import Reply
from wire import address_of, connect, get, put

PACE_SECONDS = 0.002
LARGE_PACE_SECONDS = 0.25
LARGE_BYTES = 1 << 20
# Longer than any wait that could be called an answer; what takes longer is counted as failed.
PATIENCE_SECONDS = 20


class Times:
    """Of one kind of request."""

    def __init__(self):
        self.latencies = []
        self.worst = 0
        # At the worst latency: how long the client or a server waited for a core meanwhile.
        self.wait_at_worst = 0
        # The most CPU time that the servers used during any one request.
        self.largest_cpu = 0
        self.failed = 0
        self.statuses = {}

    def add(self, reply, latency, cpu, wait):
        if reply is None:
            self.failed += 1
        else:
            self.statuses[reply.status] = self.statuses.get(reply.status, 0) + 1
        self.latencies.append(latency)
        self.largest_cpu = max(self.largest_cpu, cpu)
        if latency > self.worst:
            self.worst, self.wait_at_worst = latency, wait

    def report(self, name):
        values = sorted(self.latencies)
        bad = {str(s): n for s, n in self.statuses.items() if not 200 <= s < 300}
        if self.failed:
            bad["none"] = self.failed
        figures = {"count": len(values)}
        if values:
            figures["median"] = values[len(values) // 2] / 1e6
            figures["p99"] = values[len(values) * 99 // 100] / 1e6
        figures |= {"worst": self.worst / 1e6, "wait": self.wait_at_worst / 1e6,
                    "cpu": self.largest_cpu / 1e6}
        text = " ".join(f"{name}_{key}={value:.2f}" if isinstance(value, float)
                        else f"{name}_{key}={value}" for key, value in figures.items())
        return f"{text} {name}_bad=" + (",".join(f"{n}x{s}" for s, n in sorted(bad.items())) or "-")


class GoodClient:
    def __init__(self, address, processes):
        self.address = address
        self.processes = processes
        self.own = Process(os.getpid())
        self.connection = None

    def ask(self, request, times):
        if self.connection is None:
            self.connection = connect(self.address)
            self.connection.settimeout(PATIENCE_SECONDS)
        cpu = sum(p.cpu() for p in self.processes)
        wait = self._wait()
        start = time.monotonic_ns()
        reply = self._exchange(request)
        latency = time.monotonic_ns() - start
        times.add(reply, latency, sum(p.cpu() for p in self.processes) - cpu, self._wait() - wait)
        if reply is None or reply.closes:
            self.connection.close()
            self.connection = None

    def _wait(self):
        return self.own.wait() + sum(p.wait() for p in self.processes)

    def _exchange(self, request):
        """None where there is no whole reply."""
        reply = Reply()
        try:
            self.connection.sendall(request)
            while not reply.is_whole:
                data = self.connection.recv(65_536)
                if not data:
                    return None
                reply.feed(data)
        except OSError:
            return None
        return reply


def main():
    address = address_of(sys.argv[1])
    processes = [Process(int(pid)) for pid in sys.argv[3:]]
    client, second = GoodClient(address, processes), GoodClient(address, processes)
    large_put = put("large_own", b"a" * LARGE_BYTES)
    start = time.monotonic()
    end, next_large = start + float(sys.argv[2]), start + LARGE_PACE_SECONDS
    gets, puts, large_puts = Times(), Times(), Times()
    while time.monotonic() < end:
        if time.monotonic() >= next_large:
            second.ask(large_put, large_puts)
            next_large = time.monotonic() + LARGE_PACE_SECONDS
        client.ask(get("good"), gets)
        time.sleep(PACE_SECONDS)
        client.ask(put("own", b"a small value"), puts)
        time.sleep(PACE_SECONDS)
    print(gets.report("GET"), puts.report("PUT"), large_puts.report("LPUT"))


main()
