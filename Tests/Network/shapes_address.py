"""Addresses that go, move, or are one of two."""

from answer import fault_of_failure
from crowd import Crowd
from lab import MAIN, MAIN_PORT, NAME, SECOND
from promises import (
    CONNECT, FORWARD, SLACK, TIMEOUTS, check_answered, check_back, check_faults,
    check_never_silent, check_none_sent, check_recovery, fill_with_idle)
from shapes import shape

NAMED = f"{NAME}:{MAIN_PORT}"
# More than a stack is deep where each failure begins the next one.
BUSY = 4000


@shape("address-gone",
       "4,000 clients wait, the main ends and its address goes: connect fails at once",
       covers="A2", seconds=8)
def address_gone(lab):
    lab.there = lab.here
    lab.here.ip(f"address add {MAIN}/32 dev lo")
    main = lab.start_main()
    forwarder = lab.start_forwarder(**TIMEOUTS)
    crowd = Crowd(forwarder.address, BUSY)
    crowd.ask("GET", 10)
    main.pause()
    crowd.send("GET")
    crowd.collect(0.5)
    # Both at once, however fast the forwarder is: the resets are there, and the address is not.
    forwarder.pause()
    main.kill()
    lab.here.ip(f"address delete {MAIN}/32 dev lo")
    forwarder.resume()
    limit = FORWARD + 4 * SLACK
    check_faults(lab, "everybody gets the contract's 404",
                 [fault_of_failure(answer, "GET", limit) for answer in crowd.collect(limit)])
    lab.here.ip(f"address add {MAIN}/32 dev lo")
    lab.start_main()
    check_answered(lab, "and the main's answer, when it is back", crowd.ask("PUT", 10))
    lab.check("the forwarder survives", forwarder.end() is None, forwarder.end() or "so")


@shape("moved", "the main moves to another address of its name, 500 connections idle",
       covers="D12", seconds=8)
def moved(lab):
    lab.join(delay=0.02)
    lab.name(MAIN)
    lab.start_main()
    forwarder = lab.start_forwarder(NAMED, KVS_FORWARD_CONNECTIONS="600", **TIMEOUTS)
    fill_with_idle(forwarder, 500)
    lab.way.kill_address(MAIN)
    lab.start_main(SECOND)
    lab.name(SECOND)
    check_back(lab, forwarder, FORWARD + SLACK)


@shape("moved-refused", "the main moves, and its old address refuses connections")
def moved_refused(lab):
    lab.join(delay=0.02)
    lab.name(MAIN)
    main = lab.start_main()
    forwarder = lab.start_forwarder(NAMED)
    fill_with_idle(forwarder, 20)
    main.kill()
    lab.start_main(SECOND)
    lab.name(SECOND)
    check_back(lab, forwarder, SLACK)
    check_never_silent(lab, forwarder)


@shape("late-name", "the main's name means nothing at first")
def late_name(lab):
    lab.join(delay=0.02)
    lab.name()
    lab.start_main()
    forwarder = lab.start_forwarder(NAMED)
    check_none_sent(lab, forwarder, "")
    lab.name(MAIN)
    check_recovery(lab, forwarder, 0.04)


def play_two(lab, count, is_dead=True):
    """The first of the name's two addresses is of no use, the second is the main's."""
    lab.join(delay=0.02)
    lab.name(MAIN, SECOND)
    if is_dead:
        lab.way.kill_address(MAIN)
    lab.start_main(SECOND)
    forwarder = lab.start_forwarder(NAMED)
    crowd = Crowd(forwarder.address, count)
    check_answered(lab, f"{count} at once: all are answered, by way of the second",
                   crowd.ask("PUT", 10))
    check_answered(lab, "and again", crowd.ask("GET", 10))
    check_never_silent(lab, forwarder)


@shape("two-one", "two addresses, the first dead: one client", covers="B1")
def two_one(lab):
    play_two(lab, 1)


@shape("two-many", "two addresses, the first dead: 600 clients", covers="D16")
def two_many(lab):
    play_two(lab, 600)


@shape("two-refused", "two addresses, the first refuses connections: 600 clients")
def two_refused(lab):
    play_two(lab, 600, is_dead=False)


@shape("two-dies", "two addresses of a main, the first dies, 200 connections to it idle", seconds=6)
def two_dies(lab):
    lab.join(delay=0.02)
    lab.name(MAIN, SECOND)
    lab.start_main("0.0.0.0")
    forwarder = lab.start_forwarder(NAMED, **TIMEOUTS)
    fill_with_idle(forwarder, 200)
    lab.way.kill_address(MAIN)
    # The first address may have to be found dead once more, by a new connection.
    check_back(lab, forwarder, FORWARD + CONNECT + SLACK)
