"""Faults in the parts of a reply. Each changes the parts and says what it has done."""

from good_replies import INTERIM, make_chunked
from reply_dictionary import (CHUNK_ENDS, CHUNK_LINES, CODINGS, CONTENT_TYPES, FIELDS, LENGTHS,
                              ODD_INTERIM, PAGE, STATUS_LINES)

def status_line(random, parts):
    parts.status_line = random.choice(STATUS_LINES)
    return f"status line: {parts.status_line[:40]!r}"


def field(random, parts):
    line = random.choice(FIELDS)
    parts.lines.insert(random.randrange(len(parts.lines) + 1), line)
    return f"field: {line[:40]!r}"


def many_fields(random, parts):
    parts.lines += [b"X-%d: y" % i for i in range(random.choice((60, 90, 120, 130, 200, 3000)))]
    return "many fields"


def length(random, parts):
    size = len(parts.body)
    wrong = [b"%d" % number for number in (size + 5, size + 1, max(0, size - 5))]
    text = random.choice(LENGTHS + wrong)
    text = text % ((size,) * text.count(b"%"))
    parts.replace(b"content-length", b"Content-Length: " + text)
    if parts.is_chunked:
        parts.lines.append(b"Content-Length: " + text)
    return f"Content-Length: {text[:40]!r}"


def no_length(random, parts):
    parts.replace(b"transfer-encoding" if parts.is_chunked else b"content-length")
    return "no length"


def coding(random, parts):
    text = b"Transfer-Encoding: " + random.choice(CODINGS)
    if not parts.is_chunked and random.randrange(2):
        make_chunked(random, parts)
    if parts.is_chunked:
        parts.replace(b"transfer-encoding", text)
    else:
        parts.lines.append(text)
    return f"transfer coding: {text[19:60]!r}"


def chunk_line(random, parts):
    make_chunked(random, parts)
    line = random.choice(CHUNK_LINES)
    parts.tail = random.choice((b"", b"2\r\nab\r\n")) + line + b"\r\nabcde\r\n0\r\n\r\n"
    return f"chunk size: {line[:40]!r}"


def chunk_end(random, parts):
    make_chunked(random, parts)
    parts.tail = random.choice(CHUNK_ENDS)
    return f"chunk end: {parts.tail[-20:]!r}"


def content_type(random, parts):
    if not random.randrange(4):
        parts.replace(b"content-type")
        return "no content type"
    text = random.choice(CONTENT_TYPES)
    parts.replace(b"content-type", b"Content-Type: " + text)
    return f"content type: {text[:30]!r}"


def page_of_a_proxy(random, parts):
    parts.front, parts.status_line = [], b"HTTP/1.1 502 Bad Gateway"
    parts.body = parts.tail = PAGE
    parts.lines = [b"Server: nginx", b"Content-Type: text/html", b"Content-Length: %d" % len(PAGE)]
    return "the page of a proxy"


def interim(random, parts):
    if random.randrange(4):
        parts.front.append(random.choice(ODD_INTERIM))
    else:
        parts.front.append(random.choice(INTERIM) * 40)
    return f"interim: {parts.front[-1][:50]!r}"


def without_end(random, parts):
    """Goes on for ever from some place."""
    kind = random.choice(sorted(ENDLESS))
    tail, parts.filler = ENDLESS[kind]
    if kind in CHUNKED:
        make_chunked(random, parts)
        parts.tail = tail
    elif kind == "interim":
        parts.raw = parts.filler = random.choice(INTERIM)
    elif kind == "bytes":
        # A9: what follows an interim reply is no reply, and does not end.
        parts.raw = INTERIM[0]
    elif kind in ("field", "name"):
        parts.raw = parts.head()[:-2]
    elif kind == "body":
        size = random.choice((10 ** 15, 9_502_720, 1 << 20))
        parts.replace(b"content-length", b"Content-Length: %d" % size)
    elif kind == "replies":
        parts.filler = parts.stream()[:2000]
    return f"without end: {kind}"


# What stands before the filler where chunks are, and the filler.
ENDLESS = {
    "interim": (b"", b""), "bytes": (b"", b"x" * 1024),
    "field": (b"", b"X-Fill: " + b"y" * 90 + b"\r\n"),
    "name": (b"", b"x" * 1024), "body": (b"", b"z" * 1024), "behind": (b"", b"x" * 1024),
    "empty lines": (b"", b"\r\n" * 512), "replies": (b"", b""),
    "chunks": (b"", b"400\r\n" + b"z" * 1024 + b"\r\n"), "chunk size": (b"", b"a" * 1024),
    "chunk zeros": (b"", b"0" * 1024), "extension": (b"5;", b"x" * 1024),
    "trailers": (b"0\r\n", b"X-Fill: " + b"y" * 90 + b"\r\n"),
}
CHUNKED = ("chunks", "chunk size", "chunk zeros", "extension", "trailers")

MUTATIONS = [
    status_line, status_line, field, field, field, field, length, length, no_length, coding,
    chunk_line, chunk_line, chunk_end, content_type, many_fields, page_of_a_proxy, interim, interim,
]
