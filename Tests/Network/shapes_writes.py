"""Whatever the network does, a write is done once or not at all, and clients are told the truth."""

import threading
import time

from client import Client
from lab import MAIN, MAIN_PORT
from recording_main import RecordingMain
from shapes import shape
from sockets import sockets_around
from waiting import wait_until
from way import MAIN as MAIN_END

PLAY_SECONDS = 12
CLIENTS = 24


class Writer(threading.Thread):
    """Writes one new key after the other, and remembers what it was told of each."""

    def __init__(self, forwarder, number, end):
        super().__init__()
        self.client = Client(forwarder.address)
        self.number = number
        self.end = end
        self.told = {}

    def run(self):
        count = 0
        while time.monotonic() < self.end:
            count += 1
            method = "DELETE" if count % 4 == 0 else "PUT"
            key = f"key_{self.number}_{count}"
            self.told[method, f"/kvs/{key}"] = self.client.ask(method, key)
            # While the main is silent, failures come at once.
            time.sleep(0.01)


def trouble(lab, end):
    """Losses all the time; cuts of both directions, and of the replies only."""
    lab.way.loss = 0.05
    cuts = [frozenset((0, 1)), frozenset((MAIN_END,))]
    turn = 0
    while time.monotonic() < end - 2:
        time.sleep(1.2)
        lab.way.cut_from = cuts[turn % 2]
        turn += 1
        time.sleep((0.3, 0.9, 1.4)[turn % 3])
        lab.way.join_again()
    lab.way.loss = 0


def everything_has_arrived():
    return not any(s.unsent_bytes for s in sockets_around() if s.remote_port == MAIN_PORT)


def fault_of_write(answer, seen):
    """What is wrong with what a client was told of a write that the main has seen so often."""
    if seen > 1:
        return f"seen {seen} times"
    if answer is None:
        return "no answer"
    if answer.is_unavailable():
        if answer.outcome == "not-sent":
            return "told that it was not sent, yet seen" if seen else None
        return None if answer.outcome == "unknown" else f"KVS-Outcome {answer.outcome}"
    if not answer.is_from_main():
        return f"told {answer}"
    return None if seen else "told that it was done, yet not seen"


@shape("writes", "losses, cuts one way and both, a main that resets, hangs and closes", seconds=16)
def writes(lab):
    lab.join(delay=0.01)
    main = RecordingMain(lab.there, (MAIN, MAIN_PORT), lab.seed)
    main.start()
    forwarder = lab.start_forwarder(KVS_CONNECT_TIMEOUT="0.4s", KVS_FORWARD_TIMEOUT="0.8s")
    end = time.monotonic() + PLAY_SECONDS
    writers = [Writer(forwarder, number, end) for number in range(CLIENTS)]
    for writer in writers:
        writer.start()
    trouble(lab, end)
    for writer in writers:
        writer.join()
    wait_until(everything_has_arrived, 5)
    told = {key: answer for writer in writers for key, answer in writer.told.items()}
    faults = [f"{key[0]} {key[1]}: {fault}" for key, answer in told.items()
              if (fault := fault_of_write(answer, main.seen[key]))]
    outcomes = [a.outcome or "done" for a in told.values() if a is not None]
    numbers = ", ".join(f"{outcomes.count(o)} {o}" for o in ("done", "unknown", "not-sent"))
    lab.check("none is done twice; what was told of each is true", not faults,
              f"{len(faults)} faults, the first: {faults[0]}" if faults else numbers)
    lab.check("there were all three: done, unknown, not sent",
              set(outcomes) == {"done", "unknown", "not-sent"}, numbers)
