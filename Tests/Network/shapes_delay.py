"""Slow and lossy ways: a main that is well is never `service is not available`."""

from client import Client
from crowd import Crowd
from lab import FORWARDER_PORT
from promises import check_answered, check_never_silent, counts, describe
from shapes import shape

CLIENTS = 40
LARGEST_VALUE = 1_572_864
METHODS = ("PUT", "GET", "DELETE", "GET", "PUT")


def ask_everything(forwarder, seconds):
    crowd = Crowd(forwarder.address, CLIENTS)
    return [answer for method in METHODS for answer in crowd.ask(method, seconds)]


def play_delay(lab, milliseconds):
    lab.join(delay=milliseconds / 1000)
    lab.start_main()
    forwarder = lab.start_forwarder()
    check_answered(lab, "default timeouts: everybody is answered", ask_everything(forwarder, 10))
    client = Client(forwarder.address)
    answers = [client.ask("PUT", value=b"v" * LARGEST_VALUE), client.ask("GET")]
    check_answered(lab, "default timeouts: a value of 1.5 MiB goes and comes", answers)
    forwarder = lab.start_forwarder(port=FORWARDER_PORT + 1, KVS_FORWARD_CONNECTIONS="2")
    answers = Crowd(forwarder.address, 12).ask("PUT", 10)
    check_answered(lab, "two connections for twelve clients: everybody is answered", answers)
    # A connection takes a round trip, an exchange on a new one two. The rest is for a busy machine.
    round_trip = 2 * milliseconds / 1000
    connect, forward = round_trip + 0.3, 2 * round_trip + 0.6
    forwarder = lab.start_forwarder(port=FORWARDER_PORT + 2, KVS_CONNECT_TIMEOUT=f"{connect:.2f}",
                                    KVS_FORWARD_TIMEOUT=f"{forward:.2f}")
    check_answered(lab, f"timeouts of {connect:.2f} s and {forward:.2f} s: everybody is answered",
                   ask_everything(forwarder, 10))
    check_never_silent(lab, forwarder)


@shape("delay-20", "20 ms each way")
def delay_20(lab):
    play_delay(lab, 20)


@shape("delay-60", "60 ms each way")
def delay_60(lab):
    play_delay(lab, 60)


@shape("delay-150", "150 ms each way, a round trip of 300 ms", seconds=5)
def delay_150(lab):
    play_delay(lab, 150)


@shape("loss", "every tenth packet is lost, 20 ms each way", seconds=14)
def loss(lab):
    lab.join(delay=0.02)
    lab.start_main()
    # TCP repeats a lost SYN after one, three and seven seconds: all of that is within these.
    forwarder = lab.start_forwarder(KVS_CONNECT_TIMEOUT="9s", KVS_FORWARD_TIMEOUT="15s")
    lab.way.loss = 0.1
    answers = ask_everything(forwarder, 20)
    good, bad, _ = counts(answers)
    # All four of a connection's packets may be lost, once in a thousand times.
    lab.check("lost packets are no silence: at least 98 % answered",
              good >= 0.98 * len(answers), describe(answers))
    lab.check("whoever is not answered gets exactly the contract's 404",
              good + bad == len(answers), describe(answers))
