"""The way between two hosts: packets with a delay, a loss, a cut."""

import heapq
import os
import random
import select
import socket
import threading
import time

# Packets from one end before the other has its turn.
TURN = 256
MAXIMUM_PACKET_BYTES = 65536
FORWARDER, MAIN = 0, 1


class Way(threading.Thread):
    """Carries packets between two TUN ends, the forwarder's and the main's. What it does to them
    may be changed at any time."""

    def __init__(self, forwarder_end, main_end, seed):
        super().__init__(daemon=True)
        self.ends = (forwarder_end, main_end)
        self.random = random.Random(seed)
        # Seconds one way.
        self.delay = 0.0
        # How many of all packets are lost, 0 to 1.
        self.loss = 0.0
        # The ends whose packets are dropped.
        self.cut_from = frozenset()
        # Addresses, packed, whose packets are dropped.
        self.dead = frozenset()
        # The connections seen so far, by the forwarder's port, and those whose packets are dropped.
        self.ports = set()
        self.mute = frozenset()
        self._under_way = []
        self._count = 0

    def cut(self):
        self.cut_from = frozenset((FORWARDER, MAIN))

    def join_again(self):
        self.cut_from = frozenset()

    def kill_address(self, address):
        self.dead |= {socket.inet_aton(address)}

    def mute_present_connections(self):
        """From now on nothing of the connections that there are comes through, either way."""
        self.mute = frozenset(self.ports)

    def run(self):
        poll = select.epoll()
        for end in self.ends:
            poll.register(end, select.EPOLLIN)
        while True:
            wait = -1
            if self._under_way:
                wait = max(0, self._under_way[0][0] - time.monotonic())
            for descriptor, _ in poll.poll(wait):
                self._take(self.ends.index(descriptor))
            self._deliver()

    def _take(self, end):
        due = time.monotonic() + self.delay
        for _ in range(TURN):
            try:
                packet = os.read(self.ends[end], MAXIMUM_PACKET_BYTES)
            except OSError:
                return
            if not self._is_lost(end, packet):
                self._count += 1
                heapq.heappush(self._under_way, (due, self._count, self.ends[1 - end], packet))

    def _is_lost(self, end, packet):
        # IPv4 without options only: what the kernel says of itself in IPv6 matters to nobody here.
        if packet[0] != 0x45:
            return True
        port = packet[20:22] if end == FORWARDER else packet[22:24]
        self.ports.add(port)
        return (end in self.cut_from
                or port in self.mute
                or packet[12:16] in self.dead
                or packet[16:20] in self.dead
                or self.random.random() < self.loss)

    def _deliver(self):
        now = time.monotonic()
        while self._under_way and self._under_way[0][0] <= now:
            _, _, descriptor, packet = heapq.heappop(self._under_way)
            try:
                os.write(descriptor, packet)
            except OSError:
                # An interface that is down takes nothing: one more way to lose a packet.
                pass
