"""Networks of their own, and how to do something inside one."""

import contextlib
import ctypes
import os
import subprocess

CLONE_NEWNET = 0x40000000
OWN = "/proc/thread-self/ns/net"
libc = ctypes.CDLL(None, use_errno=True)


class Namespace:
    """A network namespace without a name: the kernel drops it with its last process, so that
    nothing is left behind, however a run ends."""

    def __init__(self, descriptor):
        self.descriptor = descriptor

    @classmethod
    def own(cls):
        """The one that the calling thread is in."""
        return cls(os.open(OWN, os.O_RDONLY | os.O_CLOEXEC))

    @classmethod
    def new(cls):
        before = cls.own()
        _call(libc.unshare, CLONE_NEWNET)
        try:
            return cls.own()
        finally:
            before.join()
            os.close(before.descriptor)

    def join(self):
        """Moves the calling thread: sockets and processes that it makes from now on are inside."""
        _call(libc.setns, self.descriptor, CLONE_NEWNET)

    @contextlib.contextmanager
    def entered(self):
        before = Namespace.own()
        self.join()
        try:
            yield
        finally:
            before.join()
            os.close(before.descriptor)

    def ip(self, *commands):
        """Runs ip(8), one process for all commands."""
        with self.entered():
            subprocess.run(["ip", "-batch", "-"], input="\n".join(commands), text=True, check=True)

    def set(self, name, value):
        """A setting of this network, named as below /proc/sys/net."""
        with self.entered(), open(f"/proc/sys/net/{name}", "w", encoding="ascii") as file:
            file.write(value)


def _call(function, *arguments):
    if function(*arguments):
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
