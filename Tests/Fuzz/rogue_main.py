"""Plays the main of a forwarder, and answers as scripts say."""

import select
import socket

from rogue_connection import RogueConnection


class RogueMain:
    """A listener. `findings` is what was wrong with the forwarder's requests: texts, scripts."""

    def __init__(self, poller):
        self.poller = poller
        self.scripts = {}
        self.findings = []
        self.connections = set()
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.socket.setblocking(False)
        self.port = self.socket.getsockname()[1]
        poller.add(self)

    events = select.POLLIN

    def fileno(self):
        return self.socket.fileno()

    def handle(self, _):
        while True:
            try:
                connected, _ = self.socket.accept()
            except BlockingIOError:
                return
            self.connections.add(RogueConnection(self, connected))

    def record(self, text, *scripts):
        self.findings.append((text, scripts))
