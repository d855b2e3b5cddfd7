"""A flood ends when it is told to (SIGTERM), and by itself where nobody does."""

import signal
import time


class Until:
    def __init__(self, seconds):
        self._end = time.monotonic() + seconds
        self._told = False
        signal.signal(signal.SIGTERM, self._tell)

    def _tell(self, *_):
        self._told = True

    def is_over(self):
        return self._told or time.monotonic() >= self._end
