"""The servers under fuzzing, as processes built with AddressSanitizer."""

import os
import re
import signal
import subprocess
import tempfile
import time

URL = re.compile(rb"url=http://127\.0\.0\.1:(\d+)/kvs")
SANITIZER_REPORT = re.compile(rb"(ERROR|WARNING): \w+Sanitizer|SUMMARY: \w+Sanitizer|runtime error:")


class Instance:
    """One kvs process. What it writes goes to files, so that no pipe can stop it."""

    def __init__(self, program, main_port=None, **more_settings):
        self.role = "main" if main_port is None else "forwarder"
        self.output = tempfile.TemporaryFile()
        self.errors = tempfile.TemporaryFile()
        settings = {
            "IP": "127.0.0.1",
            "PORT": "0",
            "KVS_THREADS": "2",
            "KVS_REQUEST_TIMEOUT": "20",
            "KVS_MAX_MEMORY": "64M",
            "ASAN_OPTIONS": "detect_leaks=1:handle_sigill=1:handle_sigtrap=1:handle_abort=1"
                            ":quarantine_size_mb=16:disable_coredump=1",
            # The sanitizer's own report says it all, and the runtime's backtracer starts slowly.
            "SWIFT_BACKTRACE": "enable=no",
        }
        if main_port is not None:
            settings |= {"ISMAIN": "False", "MAINIP": f"127.0.0.1:{main_port}"}
        settings |= more_settings
        inherited = {k: v for k, v in os.environ.items()
                     if not k.startswith("KVS_") and k not in ("IP", "PORT", "MAINIP", "ISMAIN")}
        self.process = subprocess.Popen(
            [program], env=inherited | settings, stdin=subprocess.DEVNULL,
            stdout=self.output, stderr=self.errors)
        self.port = self._wait_for_port()
        self.resident_at_start = None

    def _wait_for_port(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.process.poll() is None:
            if match := URL.search(read_all(self.output)):
                return int(match[1])
            time.sleep(0.02)
        raise SystemExit(f"kvs did not start: {read_all(self.errors).decode(errors='replace')}")

    def findings(self):
        """What is wrong with the process now: texts, the worst first."""
        found = []
        if (status := self.process.poll()) is not None:
            found.append(f"crash: the {self.role} ended with status {status}")
        errors = read_all(self.errors)
        if SANITIZER_REPORT.search(errors):
            found.append(f"sanitizer: report of the {self.role}")
        elif errors:
            found.append(f"stderr: the {self.role} wrote to it")
        return found

    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def stop(self):
        """SIGTERM; what is wrong with the way it ends, a leak among it."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                return [f"hang: the {self.role} did not stop within 30 s of SIGTERM"]
            if self.process.returncode == 0:
                return self.findings()[1:]
        return self.findings()

    def report(self):
        return read_all(self.errors).decode(errors="replace")


def read_all(file):
    """The whole file; the position that the process writes at stays as it is."""
    return os.pread(file.fileno(), 1 << 24, 0)
