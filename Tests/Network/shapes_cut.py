"""Ways that end for a while, and mains that answer nothing."""

import time

from answer import fault_of_failure
from client import Client
from crowd import Crowd
from promises import (
    FORWARD, SLACK, TIMEOUTS, check_answered, check_back, check_failures, check_faults,
    check_never_silent, check_recovery, fill_with_idle)
from shapes import shape


def play_cut(lab, milliseconds, seconds, **settings):
    lab.join(delay=milliseconds / 1000)
    lab.start_main()
    forwarder = lab.start_forwarder(**TIMEOUTS, **settings)
    client = Client(forwarder.address)
    client.ask("PUT")
    start = time.monotonic()
    lab.way.cut()
    check_failures(lab, forwarder, 2 * milliseconds / 1000)
    health = client.status("/livez"), client.status("/readyz")
    lab.check("/livez is 200 and /readyz 503 while the main is away", health == (200, 503), health)
    # The rest of the time of the cut: nobody asks.
    time.sleep(max(0, start + seconds - time.monotonic()))
    lab.way.join_again()
    check_recovery(lab, forwarder, 2 * milliseconds / 1000)
    status = client.status("/readyz")
    lab.check("/readyz is 200 then", status == 200, status)


@shape("cut-20", "20 ms each way, cut for two seconds; two connections to the main", seconds=5)
def cut_20(lab):
    play_cut(lab, 20, 2, KVS_FORWARD_CONNECTIONS="2")


@shape("cut-60", "60 ms each way, cut for two seconds", covers="A3", seconds=5)
def cut_60(lab):
    play_cut(lab, 60, 2)


@shape("cut-150", "150 ms each way, cut for two seconds; two loops", covers="A3", seconds=5)
def cut_150(lab):
    play_cut(lab, 150, 2, KVS_THREADS="2")


@shape("cut-long", "20 ms each way, cut for twelve seconds", seconds=15)
def cut_long(lab):
    play_cut(lab, 20, 12)


@shape("cut-short", "20 ms each way, cut for 0.4 s: shorter than any timeout")
def cut_short(lab):
    lab.join(delay=0.02)
    lab.start_main()
    forwarder = lab.start_forwarder()
    crowd = Crowd(forwarder.address, 20)
    crowd.ask("PUT", 5)
    lab.way.cut()
    crowd.send("PUT")
    crowd.collect(0.4)
    lab.way.join_again()
    check_answered(lab, "requests that are under way during the cut are answered",
                   crowd.collect(10))
    check_never_silent(lab, forwarder)


@shape("stopped", "a main that is stopped (SIGSTOP) and goes on; two loops", seconds=5)
def stopped(lab):
    lab.join()
    main = lab.start_main()
    forwarder = lab.start_forwarder(**TIMEOUTS, KVS_THREADS="2")
    Crowd(forwarder.address, 5).ask("PUT", 5)
    main.pause()
    check_failures(lab, forwarder)
    main.resume()
    check_recovery(lab, forwarder)


@shape("stopped-many", "a main that is stopped while 4,000 clients wait", seconds=6)
def stopped_many(lab):
    lab.join()
    main = lab.start_main()
    forwarder = lab.start_forwarder(**TIMEOUTS)
    crowd = Crowd(forwarder.address, 4000)
    crowd.ask("PUT", 10)
    main.pause()
    # So many clients have a share in how slow a busy machine is.
    limit = FORWARD + 2 * SLACK
    answers = crowd.ask("PUT", limit)
    check_faults(lab, f"everybody gets the contract's 404, within {FORWARD} s",
                 [fault_of_failure(answer, "PUT", limit) for answer in answers])
    main.resume()
    check_recovery(lab, forwarder)


@shape("mute-old", "200 idle connections go mute, new ones are served", covers="A7", seconds=8)
def mute_old(lab):
    lab.join(delay=0.02)
    lab.start_main()
    forwarder = lab.start_forwarder(**TIMEOUTS)
    fill_with_idle(forwarder, 200)
    lab.way.mute_present_connections()
    check_back(lab, forwarder, FORWARD + SLACK)
