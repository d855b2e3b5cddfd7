#!/usr/bin/env python3
"""Checks that a time to stop is longer than the program may take.

usage: stop_time.py TIME LIMITS.md

Exit status: 0 it is, 1 it is not."""

import sys

from checks import GIVE_UP_SECONDS, Checks, defaults_of_settings, seconds


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    checks = Checks()
    needed = seconds(defaults_of_settings(sys.argv[2])["KVS_SHUTDOWN_TIMEOUT"]) + GIVE_UP_SECONDS
    checks.that(seconds(sys.argv[1]) > needed,
                f"time to stop of {sys.argv[1]} s, more than the {needed} s of a stop")
    checks.end()


main()
