"""One kvs process, in a network of its own or in another's."""

import os
import pathlib
import signal
import subprocess

from sockets import LISTEN, sockets_around
from waiting import wait_until

START_SECONDS = 15


class Instance:
    """Started in `namespace`, and listening. Ends with the shape's process, if not before."""

    def __init__(self, program, folder, namespace, name, settings):
        self.name = name
        self.port = int(settings["PORT"])
        self.address = (settings["IP"], self.port)
        self.log_path = folder / f"{name}.log"
        inherited = {k: v for k, v in os.environ.items()
                     if not k.startswith("KVS_") and k not in ("IP", "PORT", "MAINIP", "ISMAIN")}
        # A crash is what some rows look for: the runtime's backtrace of it would take seconds.
        inherited |= {"SWIFT_BACKTRACE": "enable=no", "KVS_THREADS": "1"}
        with open(self.log_path, "ab") as log, namespace.entered():
            self.process = subprocess.Popen(
                [program], env=inherited | settings, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log)
        self.is_wanted = True
        wait_until(lambda: self.is_listening() or self.process.poll() is not None, START_SECONDS)
        if not self.is_listening():
            raise RuntimeError(f"{name} does not start: {self.log()[-400:]}")

    def is_listening(self):
        if self.process.poll() is not None:
            return False
        return any(s.state == LISTEN and s.local_port == self.port
                   for s in sockets_around(self.process.pid))

    def pause(self):
        """Returns when no thread runs any more: on a busy machine that takes its time."""
        self.process.send_signal(signal.SIGSTOP)
        if not wait_until(lambda: self._thread_states() == {"T"}, 5, interval=0.001):
            raise RuntimeError(f"{self.name} does not stop")

    def _thread_states(self):
        files = pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/stat")
        return {file.read_text(encoding="ascii").rpartition(")")[2].split()[0] for file in files}

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def kill(self):
        """Ends it without a word to anybody, as a crash would."""
        self.is_wanted = False
        self.process.kill()
        self.process.wait()

    def end(self):
        """None while it runs, as it should; else how it ended."""
        if not self.is_wanted or self.process.poll() is None:
            return None
        return f"{self.name} ended with status {self.process.returncode}"

    def log(self):
        return self.log_path.read_text(encoding="utf-8", errors="replace")
