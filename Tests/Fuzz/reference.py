"""A second opinion on request framing, for the fuzzer to compare the server with.

Written from RFC 9110, RFC 9112 and docs/limits.md, not from the server's code: where the two cut a
stream into different requests, one of them is wrong, and that is what request smuggling is made of.
"""

import re
from dataclasses import dataclass

TARGET_LIMIT = 8 << 10
METHOD_LIMIT = 32
HEAD_LIMIT = 16 << 10
FIELD_LIMIT = 128
# This much more behind a Via.
VIA_HEAD_ROOM = 4 << 10
VIA_FIELD_ROOM = 8
CONNECTION_OPTION_LIMIT = 64
CHUNK_LINE_LIMIT = 256
TRAILER_LIMIT = 16 << 10
BODY_LIMIT = 3 * (1536 << 10) + (64 << 10)
LEADING_EMPTY_LINES = 4

TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
REQUEST_LINE = re.compile(rb"(" + TOKEN + rb") ([^ ]+) ([^ ]+)")
FIELD = re.compile(rb"(" + TOKEN + rb"):[ \t]*([\t -~\x80-\xff]*?)[ \t]*")
HOST = re.compile(
    rb"(?:\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*)(?::[0-9]*)?"
)
BWS = rb"[ \t]*"
QUOTED_START = rb'"(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*'
EXTENSION = (
    BWS + rb";" + BWS + TOKEN
    + rb"(?:" + BWS + rb"=" + BWS + rb"(?:" + TOKEN + rb"|" + QUOTED_START + rb'"))?'
)
CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,8})(?:" + EXTENSION + rb")*")
# What may go on as one.
CHUNK_LINE_START = re.compile(
    rb"[0-9A-Fa-f]{1,8}(?:" + EXTENSION + rb")*" + BWS
    + rb"(?:;" + BWS + rb"(?:" + TOKEN + BWS + rb"(?:=" + BWS
    + rb"(?:" + TOKEN + rb"|" + QUOTED_START + rb"\\?)?)?)?)?"
)


@dataclass(frozen=True)
class Request:
    """A request that must be answered by the application; `end` is the index behind it."""

    head: "Head"
    end: int

    @property
    def method(self):
        return self.head.method

    @property
    def closes(self):
        return self.head.closes


@dataclass(frozen=True)
class Refusal:
    """A request that must be refused, with any of `statuses`; nothing behind it may be read."""

    statuses: frozenset
    start: int


@dataclass(frozen=True)
class Incomplete:
    """More bytes are needed. It may be refused already, with any status, where `is_empty` is false."""

    is_empty: bool
    start: int


class Refused(Exception):
    def __init__(self, *statuses):
        super().__init__(statuses)
        self.statuses = frozenset(statuses)


class NeedsMore(Exception):
    pass


def outcomes(stream):
    """What the server must make of `stream`: Requests, then at most one Refusal or Incomplete."""
    found, position = [], 0
    while not (found and found[-1].closes):
        try:
            request = next_request(stream, position)
        except Refused as refused:
            return found + [Refusal(refused.statuses, position)]
        except NeedsMore:
            return found + [Incomplete(not stream[position:].strip(b"\r\n"), position)]
        found.append(request)
        position = request.end
    return found


def next_request(stream, position):
    start = after_empty_lines(stream, position)
    end = stream.find(b"\r\n\r\n", start) + 4
    if end < 4:
        # Without an end it is refused only for what can never become a head.
        room = VIA_HEAD_ROOM if b"\r\nvia:" in stream[start:].lower() else 0
        if len(stream) - start > HEAD_LIMIT + room:
            raise Refused(400, 414, 417, 431, 501, 505)
        raise NeedsMore
    head = Head(stream[start:end])
    if head.violations:
        raise Refused(*head.violations)
    if head.is_chunked:
        return Request(head, end_of_chunks(stream, end))
    if end + head.length > len(stream):
        raise NeedsMore
    return Request(head, end + head.length)


def after_empty_lines(stream, position):
    for _ in range(LEADING_EMPTY_LINES + 1):
        if stream[position:position + 2] != b"\r\n":
            if stream[position:] in (b"", b"\r"):
                raise NeedsMore
            return position
        position += 2
    raise Refused(400)


class Head:
    """A head with its final empty line, and every status that one of its faults deserves."""

    def __init__(self, text):
        self.violations = set()
        self.method, self.target, self.closes, self.length = b"", b"", False, 0
        self.is_chunked = self.is_old = False
        lines = text[:-4].split(b"\r\n")
        self.check_size(lines)
        self.check_request_line(lines[0])
        self.fields = [self.parsed_field(line) for line in lines[1:]]
        self.check_host()
        self.check_framing()
        self.check_connection()

    def refuse_unless(self, condition, status=400):
        if not condition:
            self.violations.add(status)

    def check_size(self, lines):
        size, has_via = 0, False
        for number, line in enumerate(lines + [b""]):
            # A Via grants room to what stands behind it; its own bytes are in that room, too.
            is_last = number == len(lines)
            fits = is_last or number <= FIELD_LIMIT + has_via * VIA_FIELD_ROOM
            size += len(line) + 2
            has_via = has_via or line[:4].lower() == b"via:"
            self.refuse_unless(fits and size <= HEAD_LIMIT + has_via * VIA_HEAD_ROOM, 431)

    def check_request_line(self, line):
        match = REQUEST_LINE.fullmatch(line)
        # A line that long need not be looked at any further.
        self.refuse_unless(len(line) <= TARGET_LIMIT or match and len(match[2]) <= TARGET_LIMIT
                           and len(match[1]) <= METHOD_LIMIT, 414)
        self.refuse_unless(len(line) <= METHOD_LIMIT + TARGET_LIMIT + 10, 414)
        self.refuse_unless(len(line.split(b" ")[0]) <= METHOD_LIMIT, 501)
        if not match:
            self.violations.add(400)
            # Of several faults in one line, any may be the one that is told.
            rest = line.split(b" ", 2)[2:]
            if rest and re.fullmatch(rb"HTTP/[0-9]\.[0-9]", rest[0]):
                self.violations |= {501, 505}
            return
        self.method, self.target, version = match.groups()
        self.is_old = version == b"HTTP/1.0"
        self.refuse_unless(re.fullmatch(rb"[!-\"$-~]+", self.target))
        if version not in (b"HTTP/1.0", b"HTTP/1.1"):
            self.violations.add(505 if re.fullmatch(rb"HTTP/[0-9]\.[0-9]", version) else 400)
        if self.method == b"CONNECT":
            self.violations.add(501)
        else:
            self.refuse_unless(self.is_target(self.target))

    def is_target(self, target):
        if target.startswith(b"/"):
            return not target.startswith(b"//")
        if target == b"*":
            return self.method == b"OPTIONS"
        url = re.fullmatch(rb"(?i:http)://([^/?]+)(?:/(?:[^/].*)?|[?].*)?", target)
        return bool(url and HOST.fullmatch(url[1]) and not url[1].startswith(b":"))

    def parsed_field(self, line):
        match = FIELD.fullmatch(line)
        if not match:
            self.violations.add(400)
            return b"", b""
        return match[1].lower(), match[2]

    def values(self, name):
        return [value for key, value in self.fields if key == name]

    def check_host(self):
        hosts = self.values(b"host")
        self.refuse_unless(len(hosts) == 1 or (self.is_old and not hosts))
        self.refuse_unless(all(HOST.fullmatch(host) for host in hosts))

    def check_framing(self):
        lengths = self.values(b"content-length")
        codings = [coding.lower() for coding in self.values(b"transfer-encoding")]
        self.refuse_unless(not codings or not (lengths or self.is_old))
        self.refuse_unless(len(codings) < 2 and len(lengths) < 2)
        self.refuse_unless(all(coding == b"chunked" for coding in codings), 501)
        for length in lengths:
            if not re.fullmatch(rb"[0-9]{1,18}", length):
                self.violations.add(400)
            elif int(length) > BODY_LIMIT:
                self.violations.add(413)
            else:
                self.length = int(length)
        self.is_chunked = bool(codings)
        expectations = self.values(b"expect")
        self.refuse_unless(all(e.lower() == b"100-continue" for e in expectations), 417)

    def check_connection(self):
        lines = self.values(b"connection")
        members = [o.strip(b" \t").lower() for line in lines for o in line.split(b",")]
        options = [option for option in members if option]
        self.refuse_unless(len(options) <= CONNECTION_OPTION_LIMIT)
        self.closes = b"close" in options or (self.is_old and b"keep-alive" not in options)


def end_of_chunks(stream, position):
    total = 0
    while True:
        line, position = chunk_line(stream, position)
        match = CHUNK_LINE.fullmatch(line)
        if not match:
            raise Refused(400)
        size = int(match[1], 16)
        total += size
        if total > BODY_LIMIT:
            raise Refused(413)
        if size == 0:
            return end_of_trailers(stream, position)
        position += size
        ending = stream[position:position + 2]
        if ending != b"\r\n":
            raise NeedsMore if b"\r\n".startswith(ending) else Refused(400)
        position += 2


def chunk_line(stream, position):
    text = stream[position:position + CHUNK_LINE_LIMIT + 3]
    end = text.find(b"\r\n")
    line = text if end < 0 else text[:end]
    if end < 0 and line.endswith(b"\r"):
        line = line[:-1]
    # Behind a CR nothing but LF goes on.
    pattern = CHUNK_LINE_START if end < 0 and line == text else CHUNK_LINE
    if (line or line != text) and not pattern.fullmatch(line):
        raise Refused(400)
    if end < 0:
        raise NeedsMore if len(text) <= CHUNK_LINE_LIMIT + 2 else Refused(400)
    if end > CHUNK_LINE_LIMIT:
        raise Refused(400)
    return line, position + end + 2


def end_of_trailers(stream, position):
    if stream[position:position + 2] == b"\r\n":
        return position + 2
    end = stream.find(b"\r\n\r\n", position)
    if end < 0:
        if len(stream) - position > TRAILER_LIMIT:
            raise Refused(400, 431)
        raise NeedsMore
    statuses = set()
    if end + 4 - position > TRAILER_LIMIT:
        statuses.add(431)
    if not all(FIELD.fullmatch(line) for line in stream[position:end].split(b"\r\n")):
        statuses.add(400)
    if statuses:
        raise Refused(*statuses)
    return end + 4
