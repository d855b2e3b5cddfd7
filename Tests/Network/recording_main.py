"""Something in the main's place that counts the writes that it sees."""

import collections
import random
import selectors
import socket
import threading

REPLY = (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 30\r\n%s\r\n"
         b'{"replaced":0,"msg":"success"}')


class RecordingMain(threading.Thread):
    """Everything succeeds. Now and then it closes the connection after a reply, resets it before,
    or never replies: a main under load might."""

    def __init__(self, namespace, address, seed):
        super().__init__(daemon=True)
        self.random = random.Random(seed)
        # How often each write has been seen, by method and key.
        self.seen = collections.Counter()
        self.moods = ["answer"] * 16 + ["reset", "close", "hang", "say close"]
        with namespace.entered():
            self.listener = socket.create_server(address, backlog=1000)
        self.listener.setblocking(False)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ)

    def run(self):
        while True:
            for key, _ in self.selector.select():
                if key.fileobj is self.listener:
                    connection, _ = self.listener.accept()
                    connection.setblocking(False)
                    self.selector.register(connection, selectors.EVENT_READ, bytearray())
                else:
                    self._read(key.fileobj, key.data)

    def _read(self, connection, received):
        try:
            data = connection.recv(65536)
        except OSError:
            data = b""
        received += data
        if not data:
            self._close(connection)
            return
        head, separator, rest = bytes(received).partition(b"\r\n\r\n")
        if not separator:
            return
        method, target = head.split(b" ", 2)[:2]
        length = next((int(line.split(b":")[1]) for line in head.lower().split(b"\r\n")
                       if line.startswith(b"content-length:")), 0)
        if len(rest) < length:
            return
        received.clear()
        if method in (b"PUT", b"DELETE"):
            self.seen[method.decode(), target.decode()] += 1
        self._answer(connection, self.random.choice(self.moods))

    def _answer(self, connection, mood):
        try:
            if mood in ("answer", "close"):
                connection.send(REPLY % b"")
            elif mood == "say close":
                connection.send(REPLY % b"Connection: close\r\n")
            elif mood == "reset":
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        except OSError:
            pass
        if mood not in ("answer", "hang"):
            self._close(connection)

    def _close(self, connection):
        self.selector.unregister(connection)
        connection.close()
