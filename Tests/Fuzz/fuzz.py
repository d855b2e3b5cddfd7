"""Runs the fuzzers that work over sockets; see `scripts/fuzz --help`."""

import argparse
import sys

import script
from reply_fuzzer import ReplyFuzzer
from request_fuzzer import RequestFuzzer


def targets(arguments):
    if arguments.replay:
        return [ReplyFuzzer if arguments.replay.endswith(script.SUFFIX) else RequestFuzzer]
    if arguments.replies:
        return [ReplyFuzzer]
    return [RequestFuzzer] if arguments.direct else [RequestFuzzer, ReplyFuzzer]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--direct", action="store_true")
    parser.add_argument("--replies", action="store_true")
    parser.add_argument("--replay")
    arguments = parser.parse_args()
    chosen = targets(arguments)
    arguments.seconds /= len(chosen)
    is_clean = True
    for target in chosen:
        fuzzer = target(arguments)
        try:
            is_clean &= fuzzer.replay(arguments.replay) if arguments.replay else fuzzer.run()
        finally:
            for instance in fuzzer.instances:
                if instance.process.poll() is None:
                    instance.process.kill()
    return 0 if is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
