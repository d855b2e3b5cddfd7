#!/usr/bin/env python3
"""Stops a server while clients use it, and checks that no answer is lost.

usage: stop_under_load.py URL [--then-ask URL] -- COMMAND [ARGUMENT…]

COMMAND stops the server at URL. Sixteen clients keep a connection each, and put and get values of up to 100,000
bytes by turns; once each of them has been answered a hundred times, COMMAND is run. It goes wrong where

* a connection ends before COMMAND has begun,
* a reply begins and does not end, or is neither 200 nor 201,
* a GET gives another value than the client's last PUT that was answered,
* the server at the URL behind --then-ask (a main, where URL is a forwarder) does not hold that value then,
* no connection ends in order, by a reply that says so (`Connection: close`),
* COMMAND fails, or the server goes on answering.

Prints what the clients saw, and each fault. Exit status: 0 no fault, 1 faults."""

import json
import random
import socket
import subprocess
import sys
import threading
import time
import urllib.parse

CLIENTS = 16
ANSWERS_BEFORE = 100
KEYS = 20
LARGEST_BYTES = 100_000
# Longer than anything here takes: a hang is a fault, not a test that never ends.
PATIENCE_SECONDS = 30


class Gone(Exception):
    """The connection has ended, and not one byte of a reply has come."""


class Fault(Exception):
    pass


class Connection:
    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self._host = parts.netloc
        self._socket = socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def exchange(self, method, key, value=None):
        """The status, the body, and whether this was the connection's last reply."""
        head = f"{method} /kvs/{key} HTTP/1.1\r\nHost: {self._host}\r\n"
        if value is not None:
            head += f"Content-Type: application/octet-stream\r\nContent-Length: {len(value)}\r\n"
        what = f"{method} {key}"
        try:
            self._socket.sendall(head.encode() + b"\r\n" + (value or b""))
        except TimeoutError:
            raise Fault(f"{what}: not taken within {PATIENCE_SECONDS} s") from None
        except OSError:
            # The reply may have come all the same.
            pass
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._receive(what, received)
        head, _, body = received.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        fields = {name.lower(): field.strip() for name, _, field in (line.partition(":") for line in lines)}
        if "content-length" not in fields:
            raise Fault(f"{what}: a reply without Content-Length: {status}")
        while len(body) < int(fields["content-length"]):
            body += self._receive(what, received)
        if len(body) > int(fields["content-length"]):
            raise Fault(f"{what}: bytes behind the reply: {body[int(fields['content-length']):][:80]}")
        return int(status.split()[1]), body, fields.get("connection", "").lower() == "close"

    def close(self):
        self._socket.close()

    def _receive(self, what, so_far):
        try:
            piece = self._socket.recv(1 << 16)
        except TimeoutError:
            raise Fault(f"{what}: no end of the reply within {PATIENCE_SECONDS} s: {so_far[:80]}") from None
        except OSError as error:
            piece, reason = b"", error.strerror
        else:
            reason = "end of the connection"
        if piece:
            return piece
        if so_far:
            raise Fault(f"{what}: {reason} after a part of the reply: {so_far[:80]}")
        raise Gone(reason)


class Client(threading.Thread):
    def __init__(self, url, number):
        super().__init__(daemon=True)
        self._url = url
        self._number = number
        self._random = random.Random(number)
        self.warm = threading.Event()
        self.fault = None
        # When each answer was complete, and when the connection ended.
        self.answered_at = []
        self.ended_at = None
        # None: in order, the last reply has said so.
        self.unanswered = None
        # What each key may hold: the value of the last PUT that was answered, or of one behind it that was not.
        self.held = {}

    def run(self):
        try:
            connection = Connection(self._url)
            while self._turn(connection):
                pass
            connection.close()
        except Gone as gone:
            self.unanswered = str(gone)
        except (Fault, OSError) as fault:
            self.fault = f"client {self._number}: {fault}"
        self.ended_at = time.monotonic()
        self.warm.set()

    def _turn(self, connection):
        """A PUT and a GET. Returns whether the connection goes on."""
        key = f"stop_{self._number}_{self._random.randrange(KEYS)}"
        size = self._random.choice([10, 1000, LARGEST_BYTES])
        value = f"{len(self.answered_at)} ".encode() + self._random.randbytes(size // 2).hex().encode()
        before = self.held.get(key, [None])
        self.held[key] = [*before, value]
        status, body, is_last = connection.exchange("PUT", key, value)
        if status not in (200, 201):
            raise Fault(f"PUT {key}: {status} {body[:80]}")
        self.held[key] = [value]
        self._count()
        if is_last:
            return False
        status, body, is_last = connection.exchange("GET", key)
        if status != 200 or json.loads(body)["value"].encode() != value:
            raise Fault(f"GET {key}: {status} {body[:80]}, not the {len(value)} bytes {value[:40]} of the PUT")
        self._count()
        return not is_last

    def _count(self):
        self.answered_at.append(time.monotonic())
        if len(self.answered_at) == ANSWERS_BEFORE:
            self.warm.set()


def lost_values(url, clients):
    """Asks for each key whether it holds what it must."""
    connection = Connection(url)
    for client in clients:
        for key, values in client.held.items():
            status, body, _ = connection.exchange("GET", key)
            held = json.loads(body)["value"].encode() if status == 200 else None
            if held not in values:
                yield f"{key}: {status} {body[:40]}, not {' or '.join(str(value)[:40] for value in values)}"
    connection.close()


def main():
    arguments = sys.argv[1:]
    if "--" not in arguments:
        sys.exit(__doc__)
    options, command = arguments[:arguments.index("--")], arguments[arguments.index("--") + 1:]
    if not command or len(options) not in (1, 3) or options[1:2] not in ([], ["--then-ask"]):
        sys.exit(__doc__)

    clients = [Client(options[0], number) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.warm.wait()
    began = time.monotonic()
    stop = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    end = time.monotonic() + PATIENCE_SECONDS
    for client in clients:
        client.join(max(0, end - time.monotonic()))
    if any(client.is_alive() for client in clients):
        print(f"FAULT: clients are still answered {PATIENCE_SECONDS} s after {' '.join(command)}")
        sys.exit(1)

    faults = [client.fault for client in clients if client.fault]
    faults += [f"client {number}: the connection has ended before the stop: {client.unanswered}"
               for number, client in enumerate(clients)
               if not client.fault and client.ended_at < began]
    if stop.returncode:
        faults.append(f"{' '.join(command)}: status {stop.returncode}")
    times = [at for client in clients for at in client.answered_at]
    after = sum(at > began for at in times)
    if not after:
        faults.append("no request was answered after the stop had begun: there was no load")
    if len(options) == 3:
        faults += lost_values(options[2], clients)
    unanswered = [client.unanswered for client in clients if client.unanswered]
    if len(unanswered) + len([client for client in clients if client.fault]) == CLIENTS:
        faults.append("no connection has ended by a reply that says so")
    print(f"answered: {len(times)}, {after} of them after the stop had begun; of {CLIENTS} connections "
          f"{CLIENTS - len(unanswered)} ended by a last reply, {len(unanswered)} before the reply to a request"
          + (f" ({', '.join(sorted(set(unanswered)))})" if unanswered else ""))
    for fault in faults:
        print(f"FAULT: {fault}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
