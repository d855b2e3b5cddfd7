"""Well-behaved clients that work beside the hostile ones and check each answer they get."""

import http.client
import json
import random
import threading
import time


class HealthClient(threading.Thread):
    """Asks a server under attack whether it lives, and how long that takes."""

    TIMEOUT_SECONDS = 2

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port = port
        self.requests = 0
        self.worst_seconds = 0.0
        self.finding = None
        self.stopping = threading.Event()

    def run(self):
        # Connections in turn come to each of its loops.
        while not self.stopping.wait(0.02) and self.finding is None:
            start = time.monotonic()
            try:
                self.ask()
            except TimeoutError:
                self.finding = f"hang: no answer to /livez for {self.TIMEOUT_SECONDS} s"
            except (OSError, http.client.HTTPException) as error:
                self.finding = f"health client: {error!r}"
            self.worst_seconds = max(self.worst_seconds, time.monotonic() - start)

    def ask(self):
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=self.TIMEOUT_SECONDS)
        connection.request("GET", "/livez")
        response = connection.getresponse()
        response.read()
        connection.close()
        self.requests += 1
        if response.status != 200:
            self.finding = f"wrong answer: /livez says {response.status}"


class GoodClient(threading.Thread):
    """Writes, reads and deletes keys of its own, on one connection per server in turn."""

    TIMEOUT_SECONDS = 5

    def __init__(self, ports, seed):
        super().__init__(daemon=True)
        self.ports = ports
        self.random = random.Random(seed)
        self.values = {}
        self.requests = 0
        self.worst_seconds = 0.0
        self.finding = None
        self.stopping = threading.Event()

    def run(self):
        connections = [
            http.client.HTTPConnection("127.0.0.1", port, timeout=self.TIMEOUT_SECONDS)
            for port in self.ports
        ]
        while not self.stopping.is_set() and self.finding is None:
            for connection in connections:
                try:
                    self.step(connection)
                except TimeoutError:
                    self.finding = f"hang: no answer to a good request for {self.TIMEOUT_SECONDS} s"
                except (OSError, http.client.HTTPException, ValueError) as error:
                    self.finding = f"good client: {error!r}"
            # The other clients are the load; this one only looks on.
            time.sleep(0.002)
        for connection in connections:
            connection.close()

    def step(self, connection):
        key = f"good_client_{self.random.randrange(20)}"
        match self.random.randrange(4):
            case 0:
                value = self.random.randbytes(self.random.choice((0, 1, 100, 5000, 100_000)))
                expected = (200, {"replaced": 1, "msg": "success"}) if key in self.values else (
                    201, {"replaced": 0, "msg": "success"})
                self.values[key] = value
                self.check(expected, connection, "PUT", key, value)
            case 1:
                expected = (200, {"msg": "success"}) if key in self.values else self.ABSENT
                self.values.pop(key, None)
                self.check(expected, connection, "DELETE", key)
            case _:
                value = self.values.get(key)
                self.check((200, value) if value is not None else self.ABSENT,
                           connection, "GET", key)

    ABSENT = (404, {"msg": "error", "error": "key does not exist"})

    def check(self, expected, connection, method, key, body=None):
        start = time.monotonic()
        headers = {"Content-Type": "application/octet-stream"} if body is not None else {}
        connection.request(method, f"/kvs/{key}", body,
                           headers | {"Accept": "application/octet-stream"})
        response = connection.getresponse()
        content = response.read()
        if not isinstance(expected[1], bytes):
            content = json.loads(content)
        self.worst_seconds = max(self.worst_seconds, time.monotonic() - start)
        self.requests += 1
        if (response.status, content) != expected:
            self.finding = (f"wrong answer: {method} {key} got {response.status} "
                            f"{str(content)[:200]}, expected {expected[0]} {str(expected[1])[:200]}")
