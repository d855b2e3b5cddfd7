"""A forwarder's host and a main's, with a way between them."""

import os
import resource
import subprocess

from instance import Instance
from namespace import Namespace
from tun import open_tun
from way import Way

FORWARDER = "10.97.0.1"
MAIN = "10.97.0.20"
# Further from the forwarder, so that a name that means both leads to MAIN first (RFC 6724, rule 9).
SECOND = "10.97.128.20"
MAIN_PORT = 8080
FORWARDER_PORT = 8081
NAME = "main.test"
# At least: thousands of clients are in this process, and their connections in the forwarder.
OPEN_FILES = 16384


class Lab:
    """The clients, who are in this process, and the forwarder are `here`; the main is `there`.
    Nothing outside can be reached."""

    def __init__(self, program, folder, seed):
        self.program = program
        self.folder = folder
        self.seed = seed
        self.here = Namespace.own()
        self.there = Namespace.new()
        self.way = None
        self.instances = []
        self.rows = []
        self.here.ip("link set lo up")
        limit = max(resource.getrlimit(resource.RLIMIT_NOFILE)[1], OPEN_FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))

    def check(self, promise, is_kept, seen):
        """One row of the table."""
        self.rows.append({"promise": promise, "seen": str(seen), "ok": bool(is_kept)})

    def join(self, delay=0.0):
        """A way that carries packets: `delay` seconds each way."""
        here = open_tun(self.here, "way0", f"{FORWARDER}/16")
        there = open_tun(self.there, "way1", f"{MAIN}/16", f"{SECOND}/16")
        self.way = Way(here, there, self.seed)
        self.way.delay = delay
        self.way.start()

    def cable(self):
        """Two network cards and a cable: who is at its other end is asked by ARP."""
        self.here.ip("link add way0 type veth peer name way1",
                     f"link set way1 netns /proc/{os.getpid()}/fd/{self.there.descriptor}",
                     f"address add {FORWARDER}/16 dev way0", "link set way0 up")
        self.there.ip("link set lo up", "link set way1 up")

    def start_main(self, address=MAIN, port=MAIN_PORT, **settings):
        return self._start("main", self.there, address, port, settings)

    def start_forwarder(self, main=f"{MAIN}:{MAIN_PORT}", port=FORWARDER_PORT, **settings):
        settings |= {"MAINIP": main, "ISMAIN": "False"}
        return self._start("forwarder", self.here, "127.0.0.1", port, settings)

    def _start(self, role, namespace, address, port, settings):
        name = f"{role}-{len(self.instances)}"
        settings = settings | {"IP": address, "PORT": str(port)}
        instance = Instance(self.program, self.folder, namespace, name, settings)
        self.instances.append(instance)
        return instance

    def name(self, *addresses):
        """Gives the main's name these addresses, for everybody in the shape, as its mounts are."""
        path = self.folder / "hosts"
        is_new = not path.exists()
        lines = ["127.0.0.1 localhost"] + [f"{address} {NAME}" for address in addresses]
        # Written in one piece and at one length, so that no reader finds half a file.
        text = "\n".join(lines).ljust(511) + "\n"
        with open(path, "wb" if is_new else "r+b", buffering=0) as file:
            file.write(text.encode("ascii"))
        if is_new:
            subprocess.run(["mount", "--bind", path, "/etc/hosts"], check=True)
