"""Many clients at once, from one thread."""

import select
import socket
import time

from answer import Answer


class Member:
    """One client's connection, kept from one request to the next."""

    def __init__(self):
        self.socket = None
        self.unsent = b""
        self.received = b""
        self.start = 0.0
        self.answer = None
        self.is_waiting = False

    def take_answer(self):
        """Whether the whole answer is there."""
        head, separator, rest = self.received.partition(b"\r\n\r\n")
        if not separator:
            return False
        lines = head.decode("latin-1").split("\r\n")
        fields = {name.strip().lower(): value.strip()
                  for name, _, value in (line.partition(":") for line in lines[1:])}
        length = int(fields.get("content-length", 0))
        if len(rest) < length:
            return False
        seconds = time.monotonic() - self.start
        self.answer = Answer(int(lines[0].split()[1]), fields, rest[:length], seconds)
        self.received = b""
        return True


class Crowd:
    def __init__(self, address, count):
        self.address = address
        self.members = [Member() for _ in range(count)]
        self.poll = select.epoll()
        self.by_descriptor = {}

    def ask(self, method, seconds):
        """Everybody asks once, each for a key of its own, all at the same time. The answers; None
        for each who has none after `seconds`."""
        self.send(method)
        return self.collect(seconds)

    def send(self, method):
        body = b"val=value" if method == "PUT" else b""
        for number, member in enumerate(self.members):
            head = (f"{method} /kvs/key_{number} HTTP/1.1\r\nHost: kvs\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n")
            self._start(member, head.encode("ascii") + body)

    def collect(self, seconds):
        end = time.monotonic() + seconds
        while any(m.is_waiting for m in self.members) and (left := end - time.monotonic()) > 0:
            for descriptor, _ in self.poll.poll(left, len(self.members)):
                self._step(self.by_descriptor[descriptor])
        return [member.answer for member in self.members]

    def _start(self, member, request):
        if member.socket is None:
            member.socket = socket.socket()
            member.socket.setblocking(False)
            member.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.by_descriptor[member.socket.fileno()] = member
            member.socket.connect_ex(self.address)
            self.poll.register(member.socket, select.EPOLLOUT)
        else:
            self.poll.modify(member.socket, select.EPOLLOUT)
        member.unsent, member.received, member.answer = request, b"", None
        member.start, member.is_waiting = time.monotonic(), True

    def _step(self, member):
        try:
            if member.unsent:
                member.unsent = member.unsent[member.socket.send(member.unsent):]
                if not member.unsent:
                    self.poll.modify(member.socket, select.EPOLLIN)
                return
            data = member.socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        member.received += data
        if data and not member.take_answer():
            return
        member.is_waiting = False
        closes = member.answer is not None and member.answer.fields.get("connection") == "close"
        if not data or closes:
            self._close(member)
        else:
            self.poll.modify(member.socket, 0)

    def _close(self, member):
        del self.by_descriptor[member.socket.fileno()]
        self.poll.unregister(member.socket)
        member.socket.close()
        member.socket = None
