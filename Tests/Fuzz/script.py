"""What the rogue main does with one request, and how that is kept in a file."""

import functools
import json
import pathlib
from dataclasses import dataclass, field, fields

import reply_reference

SUFFIX = ".replies"


@dataclass
class Script:
    """A request, and the reply that it gets as often as it comes: a read may be sent twice."""

    method: str
    # Unique, and said in the reply, so that a reply to another request is noticed.
    key: str
    # Whether it asks for a list, of the keys that begin with the key.
    is_list: bool = False
    # What stands behind the target; of a list behind its own parameter.
    query: str = ""
    # Lines for the main, without their ends.
    conditions: list = field(default_factory=list)
    # Bytes of a PUT's value.
    body_size: int = 0
    # What was changed, for people.
    label: str = ""
    reply: bytes = b""
    # Sent behind it, again and again.
    filler: bytes = b""
    # Where it is cut into pieces, and the seconds between two of them.
    splits: list = field(default_factory=list)
    pause: float = 0.0
    # What follows: keep (nothing), fin or reset.
    ending: str = "keep"
    # Whether the reply comes before the request's body is read.
    is_early: bool = False
    # Sent a moment later, when the connection is idle.
    afterwards: bytes = b""

    def __post_init__(self):
        # What happened: how often it came, when the client sent it, when the reply had gone, and
        # whether it met something that only time decides.
        self.seen = 0
        self.start = self.sent_at = None
        self.is_excused = False

    @property
    def is_write(self):
        return self.method in ("PUT", "DELETE")

    @functools.cached_property
    def reading(self):
        return reply_reference.read(
            self.method, self.reply, self.filler, self.ending == "reset",
            # A connection that brings more soon may bring it with the reply.
            is_early=self.is_early or bool(self.afterwards))

    def pieces(self):
        ends = self.splits + [len(self.reply)]
        return [self.reply[a:b] for a, b in zip([0] + self.splits, ends) if a < b]

    @property
    def target(self):
        if self.is_list:
            return f"/kvs?prefix={self.key}" + (f"&{self.query}" if self.query else "")
        return f"/kvs/{self.key}" + (f"?{self.query}" if self.query else "")

    def request(self):
        """As the client sends it."""
        head = f"{self.method} {self.target} HTTP/1.1\r\nHost: kvs.test\r\n"
        head += "".join(f"{line}\r\n" for line in self.conditions)
        if self.method != "PUT":
            return (head + "\r\n").encode("latin-1")
        head += f"Content-Type: application/octet-stream\r\nContent-Length: {self.body_size}\r\n\r\n"
        return head.encode("latin-1") + b"v" * self.body_size


def dump(scripts):
    """Bytes are written as the characters of the same numbers, so that people can read them."""
    plain = [{f.name: text(getattr(script, f.name)) for f in fields(Script)} for script in scripts]
    return json.dumps(plain, indent=1).encode()


def load(path):
    kept = {f.name for f in fields(Script) if f.type is bytes}
    return [Script(**{name: value.encode("latin-1") if name in kept else value
                      for name, value in item.items()})
            for item in json.loads(pathlib.Path(path).read_bytes())]


def text(value):
    return value.decode("latin-1") if isinstance(value, bytes) else value
