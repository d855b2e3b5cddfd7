"""One hostile connection: sends a stream in pieces, and holds the answers against the reference."""

import re
import select
import socket

import api_reference
import reference

STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([0-9]{3}) [ -~]*\r\n")
LENGTH = re.compile(rb"\r\ncontent-length: ([0-9]+)\r\n", re.IGNORECASE)
CONNECTION = re.compile(rb"\r\nconnection: ([^\r]*)\r\n", re.IGNORECASE)


class Exchange:
    """Non-blocking; `events` is what it waits for, `verdict` what is wrong once it `is_done`."""

    def __init__(self, port, stream, splits, how_to_end):
        self.stream, self.splits = stream, splits
        self.outcomes = reference.outcomes(stream)
        self.how_to_end = how_to_end
        ends = splits + [len(stream)]
        self.pieces = [stream[a:b] for a, b in zip([0] + splits, ends) if a < b]
        self.received = bytearray()
        self.position = 0
        self.answers = 0
        self.is_done = False
        self.verdict = None
        self.has_ended_sending = False
        self.socket = socket.socket()
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setblocking(False)
        self.advance()

    @property
    def events(self):
        return select.POLLIN | (select.POLLOUT if self.pieces else 0)

    def fileno(self):
        return self.socket.fileno()

    @property
    def last(self):
        return self.outcomes[-1]

    @property
    def expected_answers(self):
        return len(self.outcomes) - isinstance(self.last, reference.Incomplete)

    @property
    def must_be_closed(self):
        return isinstance(self.last, reference.Refusal) or getattr(self.last, "closes", False)

    def handle(self, events):
        if events & select.POLLOUT and self.pieces:
            self.send()
        if not self.is_done and events & ~select.POLLOUT:
            self.receive()

    def send(self):
        piece = self.pieces[0]
        try:
            count = self.socket.send(piece)
        except BlockingIOError:
            return
        except OSError:
            # A server may close a refused connection before all has been sent.
            if not self.must_be_closed and self.answers >= self.expected_answers:
                self.finish("reset: the connection ended while it was in order")
            self.pieces = []
            return
        self.pieces[0:1] = [piece[count:]] if count < len(piece) else []
        self.advance()

    def receive(self):
        try:
            data = self.socket.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError as error:
            self.finish(f"reset: {error}, after {self.answers} of {self.expected_answers} answers")
            return
        if data:
            self.received += data
            self.parse()
            self.advance()
        else:
            self.peer_has_closed()

    def parse(self):
        while not self.is_done:
            end = self.received.find(b"\r\n\r\n", self.position)
            if end < 0:
                return
            head = bytes(self.received[self.position:end + 2])
            status = STATUS_LINE.match(head)
            if not status:
                self.finish("wrong answer: what came is no response")
                return
            code = int(status[1])
            if code == 100:
                self.position = end + 4
                continue
            length = LENGTH.search(head)
            # RFC 9110 §8.6, §15.4.5: neither has a body, and so no length.
            if not length and code not in (204, 304):
                self.finish("wrong answer: a response without a length")
                return
            after = end + 4 + (
                0 if self.is_answer_to_head() or not length or code == 304 else int(length[1]))
            if after > len(self.received):
                return
            self.position = after
            self.judge(code, announces_close(head), head)

    def is_answer_to_head(self):
        outcome = self.outcomes[self.answers] if self.answers < len(self.outcomes) else None
        if isinstance(outcome, reference.Request):
            return outcome.method == b"HEAD"
        return self.may_be_refused_head()

    def may_be_refused_head(self):
        """Whether the last thing is no request, and its method, if it has one, is HEAD."""
        if isinstance(self.last, reference.Request):
            return False
        return self.stream[self.last.start:].lstrip(b"\r\n").startswith(b"HEAD ")

    def judge(self, code, closes, head):
        index, self.answers = self.answers, self.answers + 1
        outcome = self.outcomes[index] if index < len(self.outcomes) else None
        if isinstance(outcome, reference.Request):
            if closes != outcome.closes:
                self.finish(f"framing: answer {index + 1} is {code} with close={closes}, "
                            f"where close={outcome.closes} was expected")
            elif code not in (wanted := api_reference.statuses(outcome.head)):
                self.finish(f"status: answer {index + 1} is {code}, "
                            f"where one of {sorted(wanted)} was expected")
            elif text := api_reference.fault(outcome.head, code, fields(head)):
                self.finish(f"fields: answer {index + 1} is {text}")
        elif isinstance(outcome, reference.Refusal):
            if code not in outcome.statuses or not closes:
                self.finish(f"framing: answer {index + 1} is {code} with close={closes}, "
                            f"where a refusal {sorted(outcome.statuses)} was expected")
        elif not (isinstance(outcome, reference.Incomplete) and closes and code >= 400):
            self.finish(f"smuggling: answer {index + 1} is {code}, where there is no request")

    def peer_has_closed(self):
        if self.answers < self.expected_answers:
            self.finish(f"lost: closed after {self.answers} of {self.expected_answers} answers")
        elif self.position < len(self.received) and not (
                self.may_be_refused_head() and self.received.startswith(b"{", self.position)):
            self.finish("wrong answer: a part of a response, or bytes behind the last one")
        elif self.must_be_closed or self.has_ended_sending or self.answers > self.expected_answers:
            self.finish(None)
        else:
            self.finish("lost: closed while it was in order")

    def advance(self):
        """All answers are here and nothing is left to send: ends the connection, in one of three ways."""
        if self.is_done or self.pieces or self.answers < self.expected_answers:
            return
        if self.must_be_closed or self.has_ended_sending:
            return
        if self.how_to_end == "half-close":
            self.has_ended_sending = True
            self.socket.shutdown(socket.SHUT_WR)
            return
        if self.how_to_end == "reset":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.finish(None)

    def time_out(self):
        self.finish(f"hang: {self.answers} of {self.expected_answers} answers, "
                    f"must_be_closed={self.must_be_closed}")

    def finish(self, verdict):
        if not self.is_done:
            self.is_done, self.verdict = True, verdict
            self.socket.close()


def fields(head):
    """The values of each field by its name, in lower case."""
    found = {}
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        found.setdefault(name.lower(), []).append(value.strip())
    return found


def announces_close(head):
    """Whether a response says that it is the connection's last (RFC 9112 §9.3)."""
    match = CONNECTION.search(head)
    option = match[1].lower() if match else b""
    return option != b"keep-alive" if head.startswith(b"HTTP/1.0") else option == b"close"
