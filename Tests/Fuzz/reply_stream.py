"""What a main's reply is made of: bytes that may never end, fields, chunks. See reply_reference.py."""

import re
from dataclasses import dataclass, field

from reference import CHUNK_LINE, CHUNK_LINE_LIMIT, FIELD, TRAILER_LIMIT

HEAD_LIMIT = 16 << 10
BODY_LIMIT = 6 * (1536 << 10) + (64 << 10)
# Below this no limit may be felt; what counts towards it (interim heads?) is left open.
SURE_HEAD_LIMIT = HEAD_LIMIT - 400

SPACE = rb"[ \t]*"
TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
QUOTED = rb'"(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"'
EXTENSIONS = re.compile(
    rb"(?:" + SPACE + rb";" + SPACE + TOKEN
    + rb"(?:" + SPACE + rb"=" + SPACE + rb"(?:" + TOKEN + rb"|" + QUOTED + rb"))?)*")


class Malformed(Exception):
    pass


class NeedsMore(Exception):
    pass


@dataclass
class Stream:
    """What is sent: bytes, and then, where it never ends, a filler again and again."""

    data: bytearray
    filler: bytes = b""
    doubts: list = field(default_factory=list)

    def has(self, count):
        if self.filler and len(self.data) < count:
            self.data += self.filler * ((count - len(self.data)) // len(self.filler) + 1)
        return len(self.data) >= count

    def until(self, delimiter, position, limit):
        """The bytes up to a delimiter, and the index behind it."""
        self.has(position + limit + len(delimiter))
        end = self.data.find(delimiter, position)
        if end < 0:
            raise Malformed("no end") if len(self.data) - position > limit else NeedsMore
        return bytes(self.data[position:end]), end + len(delimiter)

    def doubt(self, condition, why):
        if condition and why not in self.doubts:
            self.doubts.append(why)


def parsed_field(line):
    match = FIELD.fullmatch(line)
    if not match:
        raise Malformed("field")
    return match[1].lower(), match[2]


def read_chunks(stream, position):
    body = bytearray()
    while True:
        line, position = stream.until(b"\r\n", position, 16 << 10)
        match = CHUNK_LINE.match(line)
        digits = re.match(rb"[0-9A-Fa-f]+", line)
        # RFC 9112 allows any number of zeros in front.
        if not match and digits and len(digits[0].lstrip(b"0")) <= 8:
            match = CHUNK_LINE.match(line[len(digits[0]) - 8:])
            stream.doubt(True, "many digits of a chunk size")
        if not match or match.end() != len(match.string):
            raise Malformed("chunk size")
        extensions = line[len(digits[0]):]
        if not extensions.strip(b"; \t") and extensions:
            raise Malformed("an extension without a name")
        # Nobody uses what stands in them, so nobody need look.
        stream.doubt(not EXTENSIONS.fullmatch(extensions), "chunk extensions")
        stream.doubt(len(line) > CHUNK_LINE_LIMIT, "a long chunk size line")
        size = int(match[1], 16)
        if len(body) + size > BODY_LIMIT:
            raise Malformed("too long")
        if size == 0:
            return bytes(body), end_of_trailers(stream, position)
        if not stream.has(position + size + 2):
            ending = stream.data[position + size:]
            raise NeedsMore if b"\r\n".startswith(ending) else Malformed("chunk end")
        body += stream.data[position:position + size]
        position += size + 2
        if stream.data[position - 2:position] != b"\r\n":
            raise Malformed("chunk end")


def end_of_trailers(stream, start):
    position = start
    while True:
        line, position = stream.until(b"\r\n", position, TRAILER_LIMIT)
        if not line:
            stream.doubt(position - start > SURE_HEAD_LIMIT, "long trailers")
            return position
        parsed_field(line)
        if position - start > TRAILER_LIMIT:
            raise Malformed("trailers are too long")
