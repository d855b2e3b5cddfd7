"""What a forwarder promises in any network, as checks that a shape makes in its lab."""

import threading

from answer import fault_of_failure
from client import Client
from crowd import Crowd
from lab import MAIN_PORT
from sockets import connections_to
from waiting import wait_until

# What a busy machine may add to any time.
SLACK = 1.0
# A request that does not wait for anything.
AT_ONCE = 0.7
# The program's own time to connect.
DEFAULT_CONNECT = 1.0
# Of a forwarder whose shape should not take long.
CONNECT, FORWARD = 0.8, 1.5
TIMEOUTS = {"KVS_CONNECT_TIMEOUT": f"{CONNECT}", "KVS_FORWARD_TIMEOUT": f"{FORWARD}"}
# What the log says of a main that answers nothing, and of one that does again.
SILENT, BACK = "the main is silent", "the main is back"
METHODS = ("PUT", "GET", "DELETE")


def counts(answers):
    """What was told: (from the main, `service is not available`, anything else or nothing)."""
    good = sum(a is not None and a.is_from_main() for a in answers)
    bad = sum(a is not None and a.is_unavailable() for a in answers)
    return good, bad, len(answers) - good - bad


def describe(answers):
    good, bad, other = counts(answers)
    slowest = max((a.seconds for a in answers if a is not None), default=0)
    text = f"{good} of {len(answers)} answered, slowest {slowest:.2f} s"
    if bad:
        text += f", {bad} not available"
    if other:
        text += f", {other} wrong or without answer"
    return text


def check_answered(lab, promise, answers):
    """That the main has answered everybody."""
    lab.check(promise, counts(answers)[0] == len(answers) > 0, describe(answers))


def check_faults(lab, promise, faults):
    """That there are none; `faults` has a None for whatever is as promised."""
    found = [fault for fault in faults if fault is not None]
    lab.check(promise, not found, f"{len(found)} not, the first: {found[0]}" if found else "so")


def check_never_silent(lab, forwarder):
    """That the forwarder has not thought its main away."""
    silences = forwarder.log().count(SILENT)
    lab.check("the main is never called silent", silences == 0, f"{silences} times")


def check_none_sent(lab, forwarder, what, times=1):
    """Failures where nobody can be connected: in time, and a write is known not to be sent."""
    client = Client(forwarder.address)
    faults = [fault_of_failure(client.ask(method), method, DEFAULT_CONNECT + SLACK, ("not-sent",))
              for method in METHODS * times]
    check_faults(lab, f"{what}each request fails within {DEFAULT_CONNECT} s, none is sent", faults)


def ask_in_vain(forwarder, seconds):
    """Each method by several clients, at the same time: so many that each loop of the forwarder has
    some of them, and learns of the silence. What is wrong with the failures."""
    faults = []

    def ask(method):
        answer = Client(forwarder.address).ask(method)
        faults.append(fault_of_failure(answer, method, seconds))

    threads = [threading.Thread(target=ask, args=[method]) for method in METHODS * 8]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults


def check_failures(lab, forwarder, round_trip=0.0):
    """On the connections that there are, and then, when the silence is known."""
    check_faults(lab, f"the first to wait fail with the contract's 404, within {FORWARD} s",
                 ask_in_vain(forwarder, FORWARD + SLACK))
    check_faults(lab, "those that come later fail with it at once",
                 ask_in_vain(forwarder, AT_ONCE + round_trip))


def check_recovery(lab, forwarder, round_trip=0.0):
    """To be called as soon as the main can be reached again: nobody has to do anything."""
    limit = 0.1 + 5 * round_trip + SLACK
    if check_back(lab, forwarder, limit):
        answers = Crowd(forwarder.address, 20).ask("PUT", 10)
        check_answered(lab, "and everybody is answered from then on", answers)


def check_back(lab, forwarder, limit):
    """How soon somebody is answered who asks from now on; whether ever."""
    patience = max(8, limit + 2)
    seconds = Client(forwarder.address).seconds_until_answered(patience)
    lab.check(f"somebody is answered again within {limit:.1f} s",
              seconds is not None and seconds <= limit,
              f"not within {patience:.0f} s" if seconds is None else f"after {seconds:.2f} s")
    return seconds is not None


def fill_with_idle(forwarder, count):
    """Leaves about as many idle connections to the main: what so many clients at once need."""
    Crowd(forwarder.address, count).ask("PUT", 10)
    if not wait_until(lambda: connections_to(MAIN_PORT) >= 0.9 * count, 1):
        raise RuntimeError(f"only {connections_to(MAIN_PORT)} of {count} connections to the main")
