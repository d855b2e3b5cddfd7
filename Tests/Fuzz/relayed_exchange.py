"""One client of the forwarder: sends the requests of scripts on one connection."""

import select
import socket
import time

import received_reply
from reply_stream import Malformed


class RelayedExchange:
    """`answers` is what came, in order; `verdict` what is wrong with the connection."""

    def __init__(self, port, scripts, reply_seconds, poller):
        self.scripts, self.reply_seconds, self.poller = scripts, reply_seconds, poller
        self.answers = []
        self.received = bytearray()
        self.is_done = False
        self.verdict = None
        self.has_ended_sending = False
        self.to_send = memoryview(b"".join(script.request() for script in scripts))
        self.socket = socket.socket()
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setblocking(False)
        self.begin_waiting()
        poller.add(self)

    @property
    def events(self):
        return select.POLLIN | (select.POLLOUT if self.to_send else 0)

    def fileno(self):
        return self.socket.fileno()

    def begin_waiting(self):
        """The forwarder turns to the next request once the one before is answered."""
        now = time.monotonic()
        self.deadline = now + self.reply_seconds
        if len(self.answers) < len(self.scripts):
            self.scripts[len(self.answers)].start = now

    def handle(self, events):
        try:
            if events & ~select.POLLOUT:
                self.receive()
            if events & select.POLLOUT and not self.is_done:
                self.to_send = self.to_send[self.socket.send(self.to_send):]
        except BlockingIOError:
            return
        except OSError as error:
            self.finish(f"reset: {error}, after {len(self.answers)} of {len(self.scripts)} replies")

    def receive(self):
        data = self.socket.recv(1 << 18)
        self.received += data
        while not self.is_done and self.received:
            if len(self.answers) == len(self.scripts):
                self.finish(f"more: bytes behind the last reply: {bytes(self.received[:60])!r}")
                return
            try:
                found = received_reply.parse(
                    self.received, self.scripts[len(self.answers)].method)
            except Malformed as error:
                self.finish(f"malformed: {error}")
                return
            if not found:
                break
            self.answers.append(found[0])
            del self.received[:found[1]]
            self.begin_waiting()
        if not data:
            self.end_of_stream()
        elif len(self.answers) == len(self.scripts) and not self.has_ended_sending:
            # Whatever comes more than the replies comes before the end.
            self.has_ended_sending = True
            self.socket.shutdown(socket.SHUT_WR)

    def end_of_stream(self):
        if len(self.answers) < len(self.scripts) or self.received:
            self.finish(f"lost: closed after {len(self.answers)} of {len(self.scripts)} replies")
        else:
            self.finish(None)

    def check_deadline(self, now):
        if now > self.deadline:
            missing = "reply" if len(self.answers) < len(self.scripts) else "end"
            self.finish(f"hang: no {missing} within {self.reply_seconds:.1f} s")

    def finish(self, verdict):
        if not self.is_done:
            self.is_done, self.verdict = True, verdict
            self.poller.remove(self)
            self.socket.close()

    @property
    def script_at_fault(self):
        """The one whose reply is missing or wrong."""
        return self.scripts[min(len(self.answers), len(self.scripts) - 1)]
