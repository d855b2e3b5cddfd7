"""Many clients that keep still, in one thread."""

import collections
import selectors
import socket
import time

from held_client import Client

READ_OUT_SECONDS = 15
TURN_SECONDS = 0.05
CONNECTED_IN_TURN = 100
# 200 in a second.
RENEWED_IN_TURN = 10


class Crowd:
    def __init__(self, address, request, reads):
        """`reads`: whether the clients read their replies as they come."""
        self.address, self.request, self.reads = address, memoryview(request), reads
        self.selector = selectors.DefaultSelector()
        self.clients = set()
        self.ended = []
        self.outcomes_of_renewed = collections.Counter()

    def open(self):
        client = Client(self.address, self.request, self.reads)
        self.clients.add(client)
        self._watch(client)

    def grow(self, count):
        """One turn on the way to `count` clients, or one of waiting when they are there."""
        for _ in range(min(CONNECTED_IN_TURN, count - len(self.clients))):
            self.open()
        self.turn(TURN_SECONDS if len(self.clients) >= count else 0)

    def has_sent(self):
        """Whether nobody has anything more to send."""
        return not any(client.left for client in self.clients)

    def turn(self, seconds=TURN_SECONDS):
        if not self.selector.get_map():
            # select would return at once.
            time.sleep(seconds)
        for key, events in self.selector.select(seconds):
            client = key.data
            if client.go_on(events):
                self._watch(client)
            else:
                self.selector.unregister(client.socket)
                self.ended.append(client)

    def renew(self):
        """Lets some of those that were refused or cut come again."""
        for client in self.ended[:RENEWED_IN_TURN]:
            self.outcomes_of_renewed[client.outcome()] += 1
            client.socket.close()
            self.clients.remove(client)
            self.open()
        del self.ended[:RENEWED_IN_TURN]

    def read_out(self):
        """Reads what has been left unread."""
        for client in self.clients:
            client.reads = True
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            self._watch(client)
        end = time.monotonic() + READ_OUT_SECONDS
        while self.selector.get_map() and time.monotonic() < end:
            self.turn()

    def outcomes(self):
        return collections.Counter(c.outcome() for c in self.clients) + self.outcomes_of_renewed

    def close(self):
        for client in self.clients:
            client.socket.close()
        self.selector.close()

    def _watch(self, client):
        """Whoever waits for nothing is not registered: epoll would tell of errors all the same."""
        events = client.events()
        watched = client.socket in self.selector.get_map()
        if not events and watched:
            self.selector.unregister(client.socket)
        elif events and not watched:
            self.selector.register(client.socket, events, client)
        elif events and self.selector.get_key(client.socket).events != events:
            self.selector.modify(client.socket, events, client)
