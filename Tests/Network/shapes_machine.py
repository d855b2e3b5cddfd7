"""Machines that are gone, and networks that lead nowhere."""

import time

from answer import fault_of_failure
from client import Client
from crowd import Crowd
from lab import FORWARDER, MAIN, MAIN_PORT
from promises import (
    BACK, DEFAULT_CONNECT, SILENT, SLACK, TIMEOUTS, check_answered, check_failures, check_faults,
    check_none_sent, check_recovery, describe)
from shapes import shape
from sockets import connections_to
from waiting import wait_until


@shape("no-arp", "a machine that is gone: nobody answers ARP", covers="A6", seconds=14)
def no_arp(lab):
    lab.cable()
    forwarder = lab.start_forwarder()
    client = Client(forwarder.address)
    fault = fault_of_failure(client.ask("PUT"), "PUT", DEFAULT_CONNECT + SLACK, ("not-sent",))
    check_faults(lab, f"a write fails within {DEFAULT_CONNECT} s, and is not sent", [fault])
    end = time.monotonic() + 10
    answers = []
    while time.monotonic() < end:
        answers.append(client.ask("GET"))
        time.sleep(0.05)
    slowest = max((a.seconds if a else 99 for a in answers), default=0)
    lab.check("for ten seconds nobody else waits, not for 0.5 s",
              all(a and a.is_unavailable() for a in answers) and slowest < 0.5, describe(answers))
    log = forwarder.log()
    lab.check("the log says once that the main is silent, never that it is back",
              (log.count(SILENT), log.count(BACK)) == (1, 0),
              f"silent {log.count(SILENT)} times, back {log.count(BACK)} times")
    lab.there.ip(f"address add {MAIN}/16 dev way1")
    lab.start_main()
    # The kernel asks for the address once a second.
    check_recovery(lab, forwarder, 0.3)


# What connect(2) says at once: ENETUNREACH, EINVAL, EHOSTUNREACH, EACCES.
ROUTES = {
    "no route": ("route delete 10.97.0.0/16 dev way0", "route add 10.97.0.0/16 dev way0"),
    "blackhole": (f"route add blackhole {MAIN}", f"route delete blackhole {MAIN}"),
    "unreachable": (f"route add unreachable {MAIN}", f"route delete unreachable {MAIN}"),
    "prohibit": (f"route add prohibit {MAIN}", f"route delete prohibit {MAIN}"),
}


@shape("no-route", "no route to the main, or one that forbids it: connect fails at once")
def no_route(lab):
    lab.join(delay=0.02)
    lab.start_main()
    for name, (begin, end) in ROUTES.items():
        lab.here.ip(begin)
        # A new one each time: it has no connections.
        forwarder = lab.start_forwarder()
        check_none_sent(lab, forwarder, f"{name}: ", times=20)
        lab.here.ip(end)
        check_recovery(lab, forwarder, 0.04)
        forwarder.kill()


@shape("own-address", "the forwarder's own address is removed, and given back", seconds=5)
def own_address(lab):
    lab.join(delay=0.02)
    lab.start_main()
    forwarder = lab.start_forwarder(**TIMEOUTS)
    Crowd(forwarder.address, 5).ask("PUT", 5)
    lab.here.ip(f"address delete {FORWARDER}/16 dev way0")
    check_failures(lab, forwarder)
    lab.here.ip(f"address add {FORWARDER}/16 dev way0")
    check_recovery(lab, forwarder, 0.04)


@shape("restart", "60 ms each way, the main is killed and started again", seconds=4)
def restart(lab):
    lab.join(delay=0.06)
    main = lab.start_main()
    forwarder = lab.start_forwarder()
    crowd = Crowd(forwarder.address, 20)
    crowd.ask("PUT", 5)
    main.kill()
    # Until the news of it is here.
    wait_until(lambda: connections_to(MAIN_PORT) == 0, 2)
    faults = [fault_of_failure(answer, "PUT", DEFAULT_CONNECT + SLACK, ("not-sent",))
              for answer in crowd.ask("PUT", 5)]
    check_faults(lab, f"writes are refused within {DEFAULT_CONNECT} s, and none is sent", faults)
    lab.start_main()
    check_answered(lab, "the first requests after its return are answered", crowd.ask("PUT", 5))


@shape("reboot", "the main's machine forgets its connections while nobody looks")
def reboot(lab):
    lab.join(delay=0.02)
    main = lab.start_main()
    forwarder = lab.start_forwarder()
    crowd = Crowd(forwarder.address, 20)
    crowd.ask("PUT", 5)
    # What the dead main's kernel still says of its connections is lost, as in a power failure.
    lab.way.cut()
    main.kill()
    lab.start_main()
    lab.way.join_again()
    check_answered(lab, "the first reads after that are answered, old connections or not",
                   crowd.ask("GET", 8))
    check_answered(lab, "and so are the writes that follow", crowd.ask("PUT", 8))
