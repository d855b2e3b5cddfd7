"""Waits for many sockets at once."""

import heapq
import itertools
import select
import time


class Poller:
    """Handlers have `fileno()`, `events` (what they wait for) and `handle(events)`."""

    TURN_MILLISECONDS = 5
    STALL_SECONDS = 0.1

    def __init__(self):
        self.poll = select.poll()
        self.handlers = {}
        self.waiting_for = {}
        self.timers = []
        self.counter = itertools.count()
        self.turn_start = time.monotonic()
        # When it was last too busy, or not run at all, to tell early from late.
        self.last_stall = 0.0

    def add(self, handler):
        descriptor = handler.fileno()
        self.handlers[descriptor], self.waiting_for[descriptor] = handler, handler.events
        self.poll.register(descriptor, handler.events)

    def remove(self, handler):
        """Before its socket is closed."""
        descriptor = handler.fileno()
        del self.handlers[descriptor], self.waiting_for[descriptor]
        self.poll.unregister(descriptor)

    def later(self, seconds, action):
        heapq.heappush(self.timers, (time.monotonic() + seconds, next(self.counter), action))

    def turn(self):
        previous, self.turn_start = self.turn_start, time.monotonic()
        if self.turn_start - previous > self.STALL_SECONDS:
            self.last_stall = self.turn_start
        for descriptor, handler in self.handlers.items():
            if (events := handler.events) != self.waiting_for[descriptor]:
                self.waiting_for[descriptor] = events
                self.poll.modify(descriptor, events)
        for descriptor, events in self.poll.poll(self.TURN_MILLISECONDS):
            # One handler may remove another, and a new one may get its number.
            if handler := self.handlers.get(descriptor):
                handler.handle(events)
        while self.timers and self.timers[0][0] <= time.monotonic():
            heapq.heappop(self.timers)[2]()
