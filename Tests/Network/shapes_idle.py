"""Mains that close idle connections while a request is on its way into them."""

import random
import threading
import time

from crowd import Crowd
from lab import FORWARDER_PORT, MAIN, MAIN_PORT
from promises import counts
from shapes import shape

BURST = 50
PLAY_SECONDS = 24


def waits_around(idle, delay, seed):
    """Times between two bursts, as many as there is time for, evenly over those in which the main
    closes its connections while requests are on their way into them, and a little more. In an order
    of chance."""
    first, last = idle - 2 * delay - 0.06, idle + 0.05
    count = int(PLAY_SECONDS / (idle + 4 * delay + 0.04))
    waits = [first + (last - first) * i / (count - 1) for i in range(count)]
    random.Random(seed).shuffle(waits)
    return waits


def burst_on(forwarder, waits, answers):
    """Bursts of writes to one forwarder, each as long after the one before it as the main keeps a
    connection."""
    crowd = Crowd(forwarder.address, BURST)
    answers += crowd.ask("PUT", 8)
    for wait in waits:
        time.sleep(wait)
        answers += crowd.ask("PUT", 8)


def play_idle(lab, milliseconds, idle_times):
    """One main and one forwarder for each time, all at once on one way."""
    lab.join(delay=milliseconds / 1000)
    runs = []
    for number, idle in enumerate(idle_times):
        lab.start_main(port=MAIN_PORT + 10 * number, KVS_IDLE_TIMEOUT=f"{idle}s")
        forwarder = lab.start_forwarder(f"{MAIN}:{MAIN_PORT + 10 * number}",
                                        port=FORWARDER_PORT + 10 * number)
        answers = []
        waits = waits_around(idle, lab.way.delay, lab.seed)
        thread = threading.Thread(target=burst_on, args=[forwarder, waits, answers])
        thread.start()
        runs.append((idle, answers, thread))
    for idle, answers, thread in runs:
        thread.join()
        good, bad, other = counts(answers)
        lab.check(f"KVS_IDLE_TIMEOUT={idle}s, bursts as far apart: all are answered",
                  good == len(answers),
                  f"{bad} of {len(answers)} PUTs not available, {other} wrong or without answer")


@shape("idle-20", "20 ms each way, bursts just as the main closes idle connections", covers="D1",
       seconds=26)
def idle_20(lab):
    play_idle(lab, 20, (1, 2, 3))


@shape("idle-150", "150 ms each way, bursts just as the main closes idle connections", covers="D1",
       seconds=26)
def idle_150(lab):
    play_idle(lab, 150, (1, 2))
