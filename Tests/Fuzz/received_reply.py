"""What the client of a forwarder receives, read strictly, and whether a script deserves it."""

import re
from dataclasses import dataclass

from reference import FIELD
from reply_reference import EITHER, REFUSE
from reply_stream import Malformed, parsed_field

STATUS_LINE = re.compile(rb"HTTP/1\.1 ([1-9][0-9]{2}) [\t -~\x80-\xff]*")
UNAVAILABLE = b'{"msg":"error","error":"service is not available"}'
OUTCOMES = (b"unknown", b"not-sent")
# Every reply of a forwarder may have these of its own.
OWN = {b"connection", b"content-length", b"via", b"x-request-id"}
# What the forwarder says with its own answers.
SAFEGUARDS = {b"cache-control", b"x-content-type-options"}
# In each of the rogue main's replies: whose it is.
MARK = re.compile(rb"rogue_[0-9]+_[0-9]+_")


@dataclass(frozen=True)
class Received:
    status: int
    fields: list
    body: bytes

    def values(self, name):
        return [value for key, value in self.fields if key == name]

    @property
    def length(self):
        return int(self.values(b"content-length")[0]) if self.values(b"content-length") else None


def parse(data, method):
    """The first reply in `data` and its size; nothing where it is not whole. Raises Malformed."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    lines = bytes(data[:end]).split(b"\r\n")
    match = STATUS_LINE.fullmatch(lines[0])
    if not match:
        raise Malformed(f"the status line {lines[0][:60]!r}")
    try:
        reply = Received(int(match[1]), [parsed_field(line) for line in lines[1:]], b"")
    except Malformed:
        bad = next(line for line in lines[1:] if not FIELD.fullmatch(line))
        raise Malformed(f"the field {bad[:60]!r}") from None
    lengths = reply.values(b"content-length")
    has_body = method != "HEAD" and reply.status not in (204, 304)
    if not all(re.fullmatch(rb"0*[0-9]{1,18}", value) for value in lengths) or len(lengths) > 1 or (
            has_body and not lengths):
        raise Malformed(f"the lengths {lengths}")
    if reply.status < 200:
        raise Malformed(f"the unasked interim status {reply.status}")
    size = end + 4 + (reply.length if has_body else 0)
    if len(data) < size:
        return None
    return Received(reply.status, reply.fields, bytes(data[end + 4:size])), size


def judge(script, reply, is_late):
    """What is wrong with the reply to a script's request; nothing where all is well.

    `is_late`: the rogue itself took so long that the forwarder may have given up.
    """
    reading = script.reading
    outcomes = reply.values(b"kvs-outcome")
    if is_unavailable(script, reply):
        if script.is_write and (len(outcomes) != 1 or outcomes[0] not in OUTCOMES):
            return f"outcome: a failed {script.method} says KVS-Outcome {outcomes}"
        if outcomes == [b"not-sent"] and script.seen:
            return "outcome: not-sent of a request that was seen"
        if reading.must in (REFUSE, EITHER) or is_late or script.is_excused or not script.seen:
            return None
        return "refused: service is not available, where the reply was in order"
    if script.is_excused:
        return None
    if not script.seen:
        return (f"invented: status {reply.status} to a request that never came: "
                f"{reply.fields}, {reply.body[:60]!r}")
    if reading.reply is None:
        return f"relayed: status {reply.status}, {reply.body[:60]!r}; not in order: {reading.why}"
    if fault := difference(script, reading.reply, reply):
        marks = set(MARK.findall(reply.body + b"\n".join(value for _, value in reply.fields)))
        if foreign := marks - set(MARK.findall(script.reply)) - {script.key.encode()}:
            return f"another's reply: {sorted(foreign)} to {script.key}"
        return f"changed: {fault}"
    return None


def is_unavailable(script, reply):
    names = {name for name, _ in reply.fields} - OWN - SAFEGUARDS - {b"date", b"keep-alive", b"kvs-outcome"}
    if reply.status != 404 or names != {b"content-type"}:
        return False
    if script.method == "HEAD":
        return reply.length == len(UNAVAILABLE)
    return reply.body == UNAVAILABLE and reply.values(b"content-type") == [b"application/json"]


def difference(script, expected, reply):
    if reply.status != expected.status:
        return f"status {reply.status}, the main said {expected.status}"
    if reply.body != expected.body:
        return (f"body {reply.body[:40]!r} of {len(reply.body)}, "
                f"the main said {expected.body[:40]!r} of {len(expected.body)}")
    if script.method == "HEAD" and reply.status not in (204, 304) and reply.length != expected.length:
        return f"length {reply.length}, the main said {expected.length}"
    passed, said = comparable(reply.fields), comparable(expected.fields)
    if passed != said:
        return (f"fields {[f for f in passed if f not in said]} "
                f"instead of {[f for f in said if f not in passed]}")
    dates = [value for name, value in expected.fields if name == b"date"]
    if len(dates) == 1 and reply.values(b"date") != dates:
        return f"date {reply.values(b'date')}, the main said {dates}"
    return None


def comparable(fields):
    """What must be the same, in the same order. A gateway gives a date where there is none."""
    return [f for f in fields if f[0] not in OWN | {b"date", b"proxy-authenticate"}]
