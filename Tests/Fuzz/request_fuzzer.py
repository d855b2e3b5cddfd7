"""Drives a main and a forwarder with mutated requests."""

import http.client
import pathlib
import select
import sys
import time

from exchange import Exchange
from findings import Findings
from good_client import GoodClient
from instance import Instance
from mutator import Mutator

CORPUS = pathlib.Path(__file__).parent.parent / "Corpus"
CONNECTIONS = 48
EXCHANGE_SECONDS = 10
# A server that grows by more than this after the first tenth of the run leaks.
GROWTH_LIMIT_BYTES = 96 << 20


class RequestFuzzer:
    def __init__(self, arguments):
        self.arguments = arguments
        self.instances = [Instance(arguments.program)]
        if not arguments.direct:
            self.instances.append(Instance(arguments.program, self.instances[0].port))
        self.findings = Findings(arguments.output, ".http")
        self.executions = 0
        self.answers = 0
        self.pending = {}
        self.poll = select.poll()

    def run(self):
        corpus = [file.read_bytes() for file in sorted(CORPUS.glob("*/*.http"))]
        mutator = Mutator(corpus, self.arguments.seed)
        good = GoodClient([i.port for i in self.instances], self.arguments.seed)
        put_seeded_key(self.instances[0].port)
        good.start()
        start = time.monotonic()
        end, warm = start + self.arguments.seconds, start + self.arguments.seconds / 10
        resident = None
        next_report = start + 10
        while (now := time.monotonic()) < end and not self.findings.are_enough:
            while len(self.pending) < CONNECTIONS and not self.must_stop():
                self.start_exchange(mutator)
            self.turn(now)
            if self.check_servers(good):
                break
            if resident is None and now >= warm:
                resident = [i.resident_bytes() for i in self.instances]
            if now >= next_report:
                next_report = now + 10
                print(f"{now - start:6.0f} s  {self.executions} executions, {self.answers} answers, "
                      f"{good.requests} good requests, {len(self.findings)} findings", flush=True)
        good.stopping.set()
        good.join(2 * GoodClient.TIMEOUT_SECONDS)
        self.check_servers(good)
        self.drain()
        self.finish(resident)
        self.summarise(good, time.monotonic() - start)
        return not self.findings

    def replay(self, path):
        """Sends one saved stream to each server and prints what is wrong."""
        stream = pathlib.Path(path).read_bytes()
        for instance in self.instances:
            for splits in [[], list(range(1, min(len(stream), 2000)))]:
                self.add(Exchange(instance.port, stream, splits, "half-close"))
        self.drain()
        self.finish(None)
        for finding in self.findings.texts:
            print(finding)
        return not self.findings

    def must_stop(self):
        return any(i.process.poll() is not None for i in self.instances)

    def start_exchange(self, mutator):
        stream = mutator.next_stream()
        instance = mutator.random.choice(self.instances)
        how_to_end = mutator.random.choice(("half-close", "close", "reset"))
        try:
            self.add(Exchange(instance.port, stream, mutator.next_splits(len(stream)), how_to_end))
        except OSError as error:
            self.findings.record(f"connect: {error}", stream)

    def add(self, exchange):
        self.executions += 1
        if exchange.is_done:
            return
        exchange.deadline = time.monotonic() + EXCHANGE_SECONDS
        self.pending[exchange.fileno()] = exchange
        self.poll.register(exchange.fileno(), exchange.events)

    def turn(self, now):
        for descriptor, events in self.poll.poll(100):
            exchange = self.pending[descriptor]
            exchange.handle(events)
            if exchange.is_done:
                self.remove(descriptor, exchange)
            else:
                self.poll.modify(descriptor, exchange.events)
        for descriptor, exchange in list(self.pending.items()):
            if now > exchange.deadline:
                exchange.time_out()
                self.remove(descriptor, exchange)

    def remove(self, descriptor, exchange):
        del self.pending[descriptor]
        self.poll.unregister(descriptor)
        self.answers += exchange.answers
        if exchange.verdict and not self.must_stop():
            self.findings.record(f"{exchange.verdict}; split at {exchange.splits}", exchange.stream)

    def drain(self):
        deadline = time.monotonic() + EXCHANGE_SECONDS + 1
        while self.pending and time.monotonic() < deadline and not self.must_stop():
            self.turn(time.monotonic())

    def check_servers(self, good):
        """Whether the run must end; what is in flight may be the cause and is saved."""
        found = [f for i in self.instances for f in i.findings()]
        if good.finding:
            found.append(good.finding)
        if found and not self.findings_of_servers:
            self.findings_of_servers = True
            for text in found:
                self.findings.record(text)
            for exchange in self.pending.values():
                self.findings.save(exchange.stream, "in-flight")
        return bool(found)

    findings_of_servers = False

    def finish(self, resident):
        for instance, before in zip(self.instances, resident or []):
            if instance.process.poll() is None:
                growth = instance.resident_bytes() - before
                print(f"the {instance.role} grew by {growth >> 10} KiB after the first tenth")
                if growth > GROWTH_LIMIT_BYTES:
                    self.findings.record(f"memory: the {instance.role} grew by {growth >> 20} MiB")
        for instance in reversed(self.instances):
            for text in instance.stop():
                self.findings.record(text)
            if report := instance.report():
                print(f"--- stderr of the {instance.role}\n{report}", file=sys.stderr)

    def summarise(self, good, seconds):
        for finding in self.findings.texts:
            print(finding)
        print(f"seed {self.arguments.seed}: {self.executions} executions in {seconds:.0f} s, "
              f"{self.answers} answers compared with the reference, "
              f"{good.requests} good requests (slowest {good.worst_seconds * 1000:.0f} ms), "
              f"{len(self.findings)} findings")


def put_seeded_key(port):
    """What many files of the corpus read; a mutated request may delete it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("PUT", "/kvs/seeded", "val=seeded%20value")
    connection.getresponse().read()
    connection.close()
