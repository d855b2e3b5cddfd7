"""Drives a forwarder with the mutated replies of a rogue main."""

import sys
import time

import script as scripts_in_files
from findings import Findings
from good_client import GoodClient, HealthClient
from instance import Instance
from poller import Poller
from received_reply import judge
from relayed_exchange import RelayedExchange
from rogue_main import RogueMain
from script_source import ScriptSource

CONNECTIONS = 40
FLOODS = 3
FORWARD_SECONDS = 1.5
SLACK_SECONDS = 2
# Where the rogue has answered sooner, the forwarder has had a second to pass it on.
LATE_SECONDS = 0.5
# A reply may be there before the rogue has read the request that it answers.
SETTLE_SECONDS = 0.3
# Whoever sends a write twice may do so after the answer.
RETRY_SECONDS = 2
# Above what the forwarder had at the start. It holds no more than a reply of 9 MiB for each of the
# floods, twice while the sanitizer keeps what is freed.
PEAK_LIMIT_BYTES = 256 << 20
GROWTH_LIMIT_BYTES = 96 << 20
# The forwarder may fail requests by itself, for a connection that ended: not many.
UNASKED_SHARE = 0.1


class ReplyFuzzer:
    def __init__(self, arguments):
        self.arguments = arguments
        self.poller = Poller()
        self.rogue = RogueMain(self.poller)
        main = Instance(arguments.program)
        good = Instance(arguments.program, main.port)
        self.target = Instance(arguments.program, self.rogue.port,
                               KVS_FORWARD_TIMEOUT=str(FORWARD_SECONDS))
        self.instances = [main, good, self.target]
        self.clients = [GoodClient([main.port, good.port], arguments.seed),
                        HealthClient(self.target.port)]
        self.findings = Findings(arguments.output, scripts_in_files.SUFFIX)
        self.known = set()
        self.pending, self.settling = set(), set()
        self.counts = dict.fromkeys(
            ("exchanges", "replies", "relay", "refuse", "either", "unasked", "late"), 0)
        self.resident_at_start = self.target.resident_bytes()
        self.peak = 0

    def run(self):
        source = ScriptSource(self.arguments.seed)
        for client in self.clients:
            client.start()
        start = time.monotonic()
        end, next_look, next_report = start + self.arguments.seconds, start, start + 10
        while (now := time.monotonic()) < end and not self.findings.are_enough and self.is_well():
            while len(self.pending) < CONNECTIONS and self.is_well():
                self.begin(self.next_scripts(source))
            self.turn()
            if now >= next_look:
                next_look = now + 0.1
                self.look_at_memory()
            if now >= next_report:
                next_report = now + 10
                print(f"{now - start:6.0f} s  {told(self.counts)}, "
                      f"{len(self.findings)} findings", flush=True)
        for client in self.clients:
            client.stopping.set()
            client.join(2 * client.TIMEOUT_SECONDS)
        self.finish(drains=self.is_well())
        self.summarise(time.monotonic() - start)
        return not self.findings

    def replay(self, path):
        """Plays one saved connection: as it was, whole, and byte by byte."""
        for splits in (None, lambda size: [], lambda size: list(range(1, min(size, 2000)))):
            scripts = scripts_in_files.load(path)
            for script in scripts:
                script.splits = splits(len(script.reply)) if splits else script.splits
            self.begin(scripts)
            self.drain()
        self.finish(drains=False)
        for finding in self.findings.texts:
            print(finding)
        return not self.findings

    def next_scripts(self, source):
        """One to four requests in a row, pipelined."""
        floods = sum(bool(s.filler) for exchange in self.pending for s in exchange.scripts)
        count = source.random.choice((1, 1, 1, 1, 2, 4))
        return [source.next_script(may_flood=not i and floods < FLOODS) for i in range(count)]

    def begin(self, scripts):
        self.counts["exchanges"] += 1
        for script in scripts:
            self.rogue.scripts[script.key] = script
        try:
            self.pending.add(RelayedExchange(
                self.target.port, scripts, FORWARD_SECONDS + SLACK_SECONDS, self.poller))
        except OSError as error:
            self.record(f"connect: {error}", scripts)

    def turn(self):
        self.poller.turn()
        now = time.monotonic()
        for exchange in list(self.pending):
            exchange.check_deadline(now)
            if exchange.is_done:
                self.pending.remove(exchange)
                self.settling.add(exchange)
                self.poller.later(SETTLE_SECONDS, lambda e=exchange: self.judge(e))
        for text, scripts in self.rogue.findings:
            self.record(text, scripts, scripts[0] if scripts else None)
        self.rogue.findings.clear()

    def judge(self, exchange):
        if self.target.process.poll() is not None:
            return
        self.settling.remove(exchange)
        for script, reply in zip(exchange.scripts, exchange.answers):
            self.counts["replies"] += 1
            self.counts[script.reading.must] += 1
            self.counts["unasked"] += not script.seen
            self.counts["late"] += is_late(script)
            if text := judge(script, reply, is_late(script)):
                self.record(text, exchange.scripts, script)
        if exchange.verdict:
            script = exchange.script_at_fault
            self.record(exchange.verdict, exchange.scripts, script)
        self.poller.later(RETRY_SECONDS, lambda: self.forget(exchange))

    def forget(self, exchange):
        for script in exchange.scripts:
            self.rogue.scripts.pop(script.key, None)

    def record(self, text, scripts, script=None):
        """Once for each kind of fault and of change, so that there is room for all kinds."""
        label = script.label if script else ""
        kind = (text.split(":")[0], label.split(":")[0])
        if kind not in self.known and not self.findings.are_enough:
            self.known.add(kind)
            said = f"; {script.method}, the rogue's reply: {label}" if script else ""
            self.findings.record(text + said, scripts_in_files.dump(scripts))

    def is_well(self):
        return self.peak < PEAK_LIMIT_BYTES and self.target.process.poll() is None and not any(
            client.finding for client in self.clients)

    def look_at_memory(self):
        if self.target.process.poll() is None:
            self.peak = max(self.peak, self.target.resident_bytes() - self.resident_at_start)

    def drain(self):
        deadline = time.monotonic() + 4 * (FORWARD_SECONDS + SLACK_SECONDS)
        while time.monotonic() < deadline and self.target.process.poll() is None and (
                self.pending or self.poller.timers):
            self.turn()

    def finish(self, drains):
        found = [f for i in self.instances for f in i.findings()]
        found += [client.finding for client in self.clients if client.finding]
        if self.peak >= PEAK_LIMIT_BYTES:
            found.append(f"memory: the forwarder took {self.peak >> 20} MiB more than at its start")
        for text in found:
            self.findings.record(text)
        if found:
            # What is in flight may be the cause.
            for exchange in self.pending | self.settling:
                self.findings.save(scripts_in_files.dump(exchange.scripts), "in-flight")
        elif drains:
            self.drain()
            growth = self.target.resident_bytes() - self.resident_at_start
            if growth > GROWTH_LIMIT_BYTES:
                self.findings.record(f"memory: the forwarder has kept {growth >> 20} MiB")
        if self.counts["unasked"] > max(20, UNASKED_SHARE * self.counts["replies"]):
            self.findings.record(f"unasked: {self.counts['unasked']} requests failed without the main")
        for instance in reversed(self.instances):
            for text in instance.stop():
                if text not in found:
                    self.findings.record(text)
            if report := instance.report():
                print(f"--- stderr of the {instance.role}\n{report}", file=sys.stderr)

    def summarise(self, seconds):
        for finding in self.findings.texts:
            print(finding)
        good, health = self.clients
        print(f"seed {self.arguments.seed}, replies: {told(self.counts)} in {seconds:.0f} s, "
              f"at most {self.peak >> 10} KiB above the start, "
              f"{good.requests} good requests (slowest {good.worst_seconds * 1000:.0f} ms), "
              f"{health.requests} of /livez (slowest {health.worst_seconds * 1000:.0f} ms), "
              f"{len(self.findings)} findings")


def told(counts):
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def is_late(script):
    if script.sent_at is None:
        return script.seen > 0
    return script.sent_at - script.start > LATE_SECONDS
