"""One connection from the forwarder to the rogue main."""

import select
import socket
import time

import reference
from received_reply import MARK
from reply_stream import parsed_field
from script import Script

# A filler is sent for so long; a forwarder that still reads it then has not kept its deadline.
FLOOD_SECONDS = 3
FLOOD_PIECE_BYTES = 1 << 16
# A request that was on its way while unasked bytes or an end came the other way meets them
# through nobody's fault. Later than this the forwarder has seen them.
RACE_SECONDS = 0.5
AFTERWARDS_SECONDS = 0.02
# Small pieces in one turn, so that a reply byte by byte takes no longer than it must.
PIECES_IN_A_TURN = 16

PROBE_REPLY = (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
               b"Content-Length: 17\r\n\r\n" b'{"msg":"success"}')


class RogueConnection:
    def __init__(self, rogue, connected):
        self.rogue, self.socket = rogue, connected
        connected.setblocking(False)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = bytearray()
        # The one under way, and the one before.
        self.script = self.last = None
        self.body_left = 0
        self.pieces = None
        self.not_before = 0.0
        self.flood_end = None
        # Why no further request may come, or when what may meet one by chance was sent.
        self.forbidden = None
        self.spoiled_at = None
        rogue.poller.add(self)

    def fileno(self):
        return self.socket.fileno()

    @property
    def events(self):
        may_send = self.pieces is not None and time.monotonic() >= self.not_before
        return select.POLLIN | (select.POLLOUT if may_send else 0)

    def handle(self, events):
        if events & ~select.POLLOUT:
            self.receive()
        if events & select.POLLOUT and self.fileno() >= 0:
            self.send()

    def close(self):
        if self.fileno() >= 0:
            if self.script and self.script.sent_at is None:
                # Whoever closes needs no more of the reply.
                self.script.sent_at = time.monotonic()
            self.rogue.poller.remove(self)
            self.rogue.connections.discard(self)
            self.socket.close()

    def receive(self):
        try:
            data = self.socket.recv(1 << 17)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        if self.body_left:
            taken = min(self.body_left, len(data))
            self.body_left -= taken
            data = data[taken:]
        self.received += data
        self.advance()

    def advance(self):
        """Takes the next request, once the last one is answered and read."""
        if self.script and not self.body_left and self.pieces is None:
            self.begin_reply()
        if self.script or self.body_left:
            # Nothing is pipelined to a main; what a flooded one sends meets the flood.
            if self.received and self.flood_end and not self.body_left:
                self.take_request()
            return
        self.take_request()

    def take_request(self):
        end = self.received.find(b"\r\n\r\n") + 4
        if end < 4:
            return
        head = reference.Head(bytes(self.received[:end]))
        del self.received[:end]
        mark = MARK.search(head.target)
        script = self.rogue.scripts.get(mark[0].decode()) if mark else None
        if head.violations:
            self.rogue.record(f"request: the forwarder sent what deserves {sorted(head.violations)}",
                              *[script] if script else [])
        # A probe is nobody's request: it may come again.
        may_come = self.may_come(script, head) if script else not (
            self.forbidden or self.spoiled_at)
        if not may_come:
            self.close()
            return
        self.script = script or Script("GET", "", reply=PROBE_REPLY)
        self.body_left = max(0, head.length - len(self.received))
        del self.received[:head.length]
        if not self.body_left or self.script.is_early:
            self.begin_reply()

    def may_come(self, script, head):
        script.seen += 1
        if script.method.encode() != head.method:
            self.rogue.record("request: another method than the client's", script)
        if script.target.encode() != head.target:
            self.rogue.record(f"request: another target than the client's: {head.target!r}", script)
        conditions = [line for line in head.fields if line[0] in (b"if-match", b"if-none-match")]
        if conditions != [parsed_field(line.encode("latin-1")) for line in script.conditions]:
            self.rogue.record(f"request: other conditions than the client's: {conditions}", script)
        if script.seen > (1 if script.is_write else 2):
            self.rogue.record(f"sent twice: a {script.method} came {script.seen} times", script)
        if self.forbidden:
            self.rogue.record(f"reuse: a request on a connection {self.forbidden}", self.last, script)
        elif self.spoiled_at is None:
            return True
        elif (time.monotonic() - self.spoiled_at > RACE_SECONDS
              and self.rogue.poller.last_stall < self.spoiled_at):
            self.rogue.record("reuse: a request on a connection that has ended or has bytes",
                              self.last, script)
        script.is_excused = True
        return False

    def begin_reply(self):
        script, reading = self.script, self.script.reading
        self.last = script
        self.pieces = script.pieces() or [b""]
        if reading.has_more:
            self.spoiled_at = time.monotonic()
        elif not reading.is_framed:
            self.forbidden = f"whose last reply was not in order ({reading.why})"
        elif reading.closes:
            self.forbidden = "whose last reply said that it is the last"

    def send(self):
        try:
            for _ in range(PIECES_IN_A_TURN):
                if not self.pieces:
                    break
                count = self.socket.send(self.pieces[0])
                self.pieces[0:1] = [self.pieces[0][count:]] if count < len(self.pieces[0]) else []
                if self.script.pause and self.pieces:
                    self.not_before = time.monotonic() + self.script.pause
                    break
            if not self.pieces:
                self.continue_reply()
        except BlockingIOError:
            return
        except OSError:
            self.close()

    def continue_reply(self):
        script, now = self.script, time.monotonic()
        if script.sent_at is None:
            script.sent_at = now
        if self.spoiled_at is not None:
            self.spoiled_at = now
        if script.filler:
            self.flood_end = self.flood_end or now + FLOOD_SECONDS
            if now < self.flood_end:
                self.pieces = [script.filler * (FLOOD_PIECE_BYTES // len(script.filler) + 1)]
                return
        self.pieces = self.script = self.flood_end = None
        self.end_reply(script)
        if self.fileno() >= 0:
            self.advance()

    def end_reply(self, script):
        ending = script.ending
        if ending == "reset" and script.reading.has_more:
            # A request that meets the bytes behind a reply must be read, to be excused.
            ending = "fin"
        if ending == "reset":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            self.close()
        elif ending == "fin":
            self.spoiled_at = time.monotonic()
            self.socket.shutdown(socket.SHUT_WR)
        elif script.afterwards:
            self.rogue.poller.later(AFTERWARDS_SECONDS, lambda: self.send_unasked(script.afterwards))

    def send_unasked(self, data):
        # Behind a part of a reply, of this request or a later one, the bytes would be its rest.
        is_idle = not self.script and not self.received and not self.last.reading.is_incomplete
        if self.fileno() >= 0 and is_idle:
            self.spoiled_at = time.monotonic()
            try:
                self.socket.send(data)
            except OSError:
                self.close()
