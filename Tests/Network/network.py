"""The promises of a forwarder, in networks of many shapes; see `scripts/network --help`."""

import argparse
import ctypes
import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import all_shapes  # noqa: F401  (fills SHAPES)
from shapes import SHAPES

PLAY = pathlib.Path(__file__).with_name("play.py")
PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None)


def end_with_parent():
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def start_play(shape, output, *arguments):
    """One shape, in a network, mounts and processes of its own: whichever way it ends, nothing of
    it is left, and nothing outside it is touched."""
    command = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child=KILL",
               "--mount-proc", sys.executable, str(PLAY), shape, *arguments]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output,
                            stderr=subprocess.STDOUT, preexec_fn=end_with_parent)


def reason_to_skip():
    """Why nothing can be played on this system; None where it can."""
    try:
        play = start_play("probe", subprocess.PIPE)
    except OSError as error:
        return f"unshare(1): {error}"
    output, _ = play.communicate()
    if play.returncode == 0:
        return None
    lines = output.decode(errors="replace").strip().splitlines()
    return f"no namespaces or no TUN device: {lines[-1] if lines else play.returncode}"


class Run:
    """One shape that is being played."""

    def __init__(self, shape, arguments, folder):
        self.shape = shape
        self.folder = folder / shape.name
        self.folder.mkdir()
        self.output = open(self.folder / "output", "w+b")
        self.start = time.monotonic()
        self.process = start_play(shape.name, self.output, "--program", arguments.program,
                                  "--folder", str(self.folder), "--seed", str(arguments.seed))

    def is_over(self):
        return self.process.poll() is not None

    def rows(self):
        lines = (self.folder / "output").read_text(errors="replace").strip().splitlines()
        try:
            return json.loads(lines[-1]), "\n".join(lines[:-1])
        except (IndexError, ValueError):
            row = {"promise": "the shape can be played to its end", "ok": False,
                   "seen": f"status {self.process.returncode}"}
            return [row], "\n".join(lines)

    def logs(self):
        """The last lines of each process, for who has to find out why a promise was broken."""
        for path in sorted(self.folder.glob("*.log")):
            for line in path.read_text(errors="replace").splitlines()[-6:]:
                if "] ready" not in line:
                    yield f"    {path.stem}: {line[:300]}"


def play_all(shapes, arguments, folder):
    """Plays them, a few at once, and prints their rows as they come. How many rows failed."""
    waiting = sorted(shapes, key=lambda shape: -shape.seconds)
    runs, failures, rows = [], 0, 0
    try:
        while waiting or runs:
            while waiting and len(runs) < arguments.jobs:
                runs.append(Run(waiting.pop(0), arguments, folder))
            for run in [run for run in runs if run.is_over()]:
                runs.remove(run)
                found, failed = report(run)
                rows += found
                failures += failed
            time.sleep(0.02)
    finally:
        for run in runs:
            run.process.kill()
            run.process.wait()
    print(f"{rows} rows, {failures} failed (seed {arguments.seed})")
    return failures


def report(run):
    rows, noise = run.rows()
    failures = 0
    for row in rows:
        failures += not row["ok"]
        verdict = "ok" if row["ok"] else "FAILED"
        print(f"{verdict:6}  {run.shape.name:16}  {row['promise']:62}  {row['seen']}", flush=True)
    if failures:
        for line in [f"    {line}" for line in noise.splitlines()[-8:]] + list(run.logs()):
            print(line, flush=True)
    return len(rows), failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program")
    parser.add_argument("--only", action="append")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=3)
    arguments = parser.parse_args()
    if arguments.list:
        for shape in SHAPES.values():
            print(f"{shape.name:16}  {shape.covers:8}  {shape.text}")
        return 0
    for name in arguments.only or []:
        if name not in SHAPES:
            print(f"network: error: no shape '{name}'; see --list", file=sys.stderr)
            return 64
    if arguments.check:
        print(reason_to_skip() or "")
        return 0
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    shapes = [SHAPES[name] for name in dict.fromkeys(arguments.only or SHAPES)]
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kvs-network-") as folder:
        failures = play_all(shapes, arguments, pathlib.Path(folder))
    print(f"{time.monotonic() - start:.0f} s")
    return 1 if failures else 0


try:
    sys.exit(main())
except KeyboardInterrupt:
    sys.exit(130)
