"""Plays one shape, inside namespaces of its own. Started by network.py; prints rows as JSON."""

import argparse
import json
import os
import pathlib
import signal
import sys
import traceback

from lab import Lab
from namespace import Namespace
from shapes import SHAPES
from tun import open_tun
import all_shapes  # noqa: F401  (fills SHAPES)

# Far more than any shape needs, even on a slow machine.
LIMIT_SECONDS = 90
# Waits for the GIL are waits of packets.
SWITCH_SECONDS = 0.0005


def on_alarm(_signal, _frame):
    raise TimeoutError(f"not done after {LIMIT_SECONDS} s")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("shape")
    parser.add_argument("--program")
    parser.add_argument("--folder", type=pathlib.Path)
    parser.add_argument("--seed", type=int)
    arguments = parser.parse_args()
    if arguments.shape == "probe":
        # What every shape needs: where this fails, none can be played.
        for namespace in (Namespace.own(), Namespace.new()):
            open_tun(namespace, "way0", "10.97.0.1/16")
        return
    signal.signal(signal.SIGALRM, on_alarm)
    signal.alarm(LIMIT_SECONDS)
    sys.setswitchinterval(SWITCH_SECONDS)
    lab = Lab(arguments.program, arguments.folder, arguments.seed)
    try:
        SHAPES[arguments.shape].play(lab)
    except Exception as error:
        traceback.print_exc()
        lab.check("the shape can be played to its end", False, repr(error))
    for instance in lab.instances:
        if (end := instance.end()) is not None:
            lab.check("nobody crashes", False, end)
    print(json.dumps(lab.rows), flush=True)
    # At once: this is the namespace's first process, and all others end with it.
    os._exit(0)


main()
