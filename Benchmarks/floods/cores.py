"""What the servers' processes did between two moments, and who had to wait for a core.

A latency on a machine that others use holds the time in which they had the core. These figures tell
that apart from what the server did."""

import os
import time


class Process:
    """Keeps the files open: they are read at each request."""

    def __init__(self, pid):
        # CPUCLOCK_SCHED of the process, as clock_getcpuclockid(3) gives it.
        self._clock = ~pid << 3 | 2
        tasks = f"/proc/{pid}/task"
        # The wait of each thread, as last seen.
        self._waits = {os.open(f"{tasks}/{task}/schedstat", os.O_RDONLY): 0
                       for task in os.listdir(tasks)}

    def cpu(self):
        """Nanoseconds, of all its threads."""
        return time.clock_gettime_ns(self._clock)

    def wait(self):
        """Nanoseconds in which a thread could have run, and had no core."""
        for file in self._waits:
            try:
                self._waits[file] = int(os.pread(file, 80, 0).split()[1])
            except ProcessLookupError:
                pass  # That thread has ended.
        return sum(self._waits.values())
