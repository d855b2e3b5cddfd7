"""A client that sends a request, or the beginning of one, and then keeps still."""

import selectors

from reply import Reply
from wire import connect

UNREAD_BYTES = 4_096


class Client:
    def __init__(self, address, request, reads):
        self.socket = connect(address, 0 if reads else UNREAD_BYTES)
        self.socket.setblocking(False)
        self.left = request
        self.reads = reads
        self.reply = Reply()
        self.is_cut = False

    def events(self):
        return ((selectors.EVENT_READ if self.reads else 0)
                | (selectors.EVENT_WRITE if self.left else 0))

    def go_on(self, events):
        """False where there is nothing more to come."""
        try:
            if events & selectors.EVENT_WRITE and self.left:
                self.left = self.left[self.socket.send(self.left):]
            if events & selectors.EVENT_READ:
                return self._receive()
        except BlockingIOError:
            pass
        except OSError:
            # What a server refuses it may also no longer take: its reply can be there all the same.
            self.left = self.left[:0]
            return self._receive_rest()
        return True

    def _receive_rest(self):
        try:
            return self._receive()
        except OSError:
            self.is_cut = not self.reply.is_whole
            return False

    def _receive(self):
        data = self.socket.recv(1 << 20)
        if data:
            self.reply.feed(data)
        else:
            self.is_cut = not self.reply.is_whole
        return bool(data) and not self.reply.is_whole

    def outcome(self):
        if self.is_cut:
            return f"{self.reply.status} cut" if self.reply.status else "cut"
        if self.reply.is_whole:
            return str(self.reply.status)
        return "unfinished" if self.reply.has_begun else "held"
