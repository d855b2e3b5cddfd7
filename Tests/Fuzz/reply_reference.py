"""A second opinion on replies, for the fuzzer to compare the forwarder with.

Written from RFC 9110, RFC 9112 and docs/limits.md, not from the forwarder's code. It reads what a main
sends as strictly as reference.py reads requests, and says whether the forwarder must relay it, must
refuse it ("service is not available"), or may do either.
"""

import re
from dataclasses import dataclass

from reply_stream import (BODY_LIMIT, HEAD_LIMIT, SURE_HEAD_LIMIT, Malformed, NeedsMore, Stream,
                          parsed_field, read_chunks)

# Below these no limit may be felt.
SURE_FIELDS = 100
SURE_INTERIM_REPLIES = 8

STATUS_LINE = re.compile(rb"HTTP/1\.([0-9]) ([0-9]{3})(?: ([\t -~\x80-\xff]*))?")
# What a kvs answers with (D20: everything else was said by somebody on the way).
CONTENT_TYPES = (b"application/json", b"application/octet-stream")
HOP_BY_HOP = {
    b"connection", b"content-length", b"transfer-encoding", b"keep-alive", b"te", b"trailer", b"upgrade",
    b"proxy-connection", b"proxy-authenticate", b"proxy-authorization",
}

RELAY, REFUSE, EITHER = "relay", "refuse", "either"


@dataclass(frozen=True)
class Reply:
    status: int
    # End-to-end, in order, names in lower case.
    fields: tuple
    body: bytes
    # What Content-Length announces; None where nobody has said a length.
    length: int | None


@dataclass(frozen=True)
class Reading:
    must: str
    why: str
    # What to relay, where something may be relayed.
    reply: Reply | None = None
    # Whether the reply is whole, its end certain and nothing behind it.
    is_framed: bool = False
    # Whether more bytes could still make a whole reply of it.
    is_incomplete: bool = False
    # Whether it says that it is the connection's last.
    closes: bool = False
    # Whether there are bytes behind it.
    has_more: bool = False


def read(method, data, filler=b"", is_reset=False, is_early=False):
    """What a client that sent `method` makes of a main's bytes."""
    stream = Stream(bytearray(data), filler)
    # A reset may take bytes away that have arrived; a reply to half a request may be distrusted.
    stream.doubt(is_reset, "reset behind it")
    stream.doubt(is_early, "before the request was read")
    try:
        head = final_head(stream)
        length = announced_length(stream, head, method)
        body, end = read_body(stream, head, method, length)
    except Malformed as error:
        return Reading(REFUSE, str(error))
    except NeedsMore:
        return Reading(REFUSE, "not whole", is_incomplete=True)
    has_more = stream.has(end + 1)
    stream.doubt(has_more, "bytes behind it")
    fault = check_content(stream, head)
    closes = b"close" in head.options or (head.minor == 0 and b"keep-alive" not in head.options)
    common = {"is_framed": not has_more, "closes": closes, "has_more": has_more}
    if fault:
        return Reading(REFUSE, fault, **common)
    reply = Reply(head.status, head.end_to_end_fields(), body, length)
    must = EITHER if stream.doubts else RELAY
    return Reading(must, ", ".join(stream.doubts), reply, **common)


class Head:
    def __init__(self, stream, position):
        text, self.end = stream.until(b"\r\n\r\n", position, HEAD_LIMIT + 64)
        lines = text.split(b"\r\n")
        match = STATUS_LINE.fullmatch(lines[0])
        if not match:
            raise Malformed("status line")
        self.minor, self.status = int(match[1]), int(match[2])
        stream.doubt(self.minor > 1, "a later minor version")
        # RFC 9112 §4 wants the space even so; hardly anybody insists.
        stream.doubt(match[3] is None, "no space behind the status")
        self.fields = [parsed_field(line) for line in lines[1:]]
        stream.doubt(self.end > SURE_HEAD_LIMIT, "a long head")
        stream.doubt(len(self.fields) > SURE_FIELDS, "many fields")
        if len(text) > HEAD_LIMIT:
            raise Malformed("the head is too long")
        self.options = {option.strip(b" \t").lower()
                        for value in self.values(b"connection") for option in value.split(b",")}

    def values(self, name):
        return [value for key, value in self.fields if key == name]

    def end_to_end_fields(self):
        return tuple(f for f in self.fields if f[0] not in HOP_BY_HOP and f[0] not in self.options)


def final_head(stream):
    """Skips interim replies (RFC 9110 §15.2)."""
    head, count = Head(stream, 0), 0
    while head.status < 200:
        if head.status < 100 or head.status == 101:
            raise Malformed("status")
        count += 1
        # No server may say these in one; what a client makes of them nobody says.
        stream.doubt(head.minor == 0 or head.options or head.values(b"content-length")
                     or head.values(b"transfer-encoding"), "an odd interim reply")
        stream.doubt(count > SURE_INTERIM_REPLIES, "many interim replies")
        if head.end > 8 * HEAD_LIMIT:
            raise Malformed("interim replies without end")
        head = Head(stream, head.end)
    return head


def announced_length(stream, head, method):
    """The one length of the reply: a number, or None for chunks."""
    lengths, codings = head.values(b"content-length"), head.values(b"transfer-encoding")
    if len(lengths) + len(codings) > 1:
        raise Malformed("more than one length")
    if codings:
        members = [m.strip(b" \t").lower() for m in codings[0].split(b",")]
        if head.minor == 0 or [m for m in members if m] != [b"chunked"]:
            raise Malformed("transfer coding")
        stream.doubt(len(members) > 1, "empty members of a list")
        stream.doubt(has_no_body(head, method), "chunks announced where none follow")
        return None
    if not lengths:
        if has_no_body(head, method):
            stream.doubt(head.status != 304, "no length and no body")
            return None
        raise Malformed("no length")
    if not re.fullmatch(rb"[0-9]+", lengths[0]):
        raise Malformed("Content-Length")
    digits = lengths[0].lstrip(b"0") or b"0"
    # A reply without a body may well speak of a long one, but no file is longer than 18 digits.
    if len(digits) > 18 or int(digits) > BODY_LIMIT and not has_no_body(head, method):
        raise Malformed("too long")
    length = int(digits)
    if length > BODY_LIMIT:
        stream.doubt(True, "a long body that does not come")
    stream.doubt(len(lengths[0]) > 18, "a long number")
    return length


def has_no_body(head, method):
    return method == "HEAD" or head.status in (204, 304)


def read_body(stream, head, method, length):
    if has_no_body(head, method):
        return b"", head.end
    if length is None:
        return read_chunks(stream, head.end)
    if not stream.has(head.end + length):
        raise NeedsMore
    return bytes(stream.data[head.end:head.end + length]), head.end + length


def check_content(stream, head):
    """What is wrong with a reply that is one."""
    if not 200 <= head.status <= 599:
        return "status"
    types = [value.lower() for value in head.values(b"content-type")]
    if head.status == 304 and not types:
        return None
    if head.status in (204, 205, 304):
        # They have no content that could have a type.
        stream.doubt(True, "a status without content")
        return None
    if not any(t.split(b";")[0].strip(b" \t") in CONTENT_TYPES for t in types):
        return "no kvs says this content type"
    stream.doubt(len(types) > 1 or types[0] not in CONTENT_TYPES, "more than a content type")
    stream.doubt(b"content-type" in head.options, "a content type for one hop")
    return None
