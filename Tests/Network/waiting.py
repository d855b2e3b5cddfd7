"""Waiting for something to become true."""

import time


def wait_until(condition, seconds, interval=0.01):
    """Asks again and again. Returns what `condition` gives: the first true value, or the last one
    after `seconds`."""
    end = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < end:
        time.sleep(interval)
    return value
