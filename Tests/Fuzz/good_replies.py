"""The replies of a main, in parts, so that each part can be changed."""

from dataclasses import dataclass, field

INTERIM = [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 102 Processing\r\n\r\n",
           b"HTTP/1.1 103 Early Hints\r\nLink: </kvs/a>; rel=preload\r\nX-Early: 1\r\n\r\n"]
JSON, BYTES = b"application/json", b"application/octet-stream"
SIZES = (0, 1, 2, 10, 100, 1000, 4095, 4096, 20_000, 70_000)


@dataclass
class ReplyParts:
    # Interim replies.
    front: list = field(default_factory=list)
    status_line: bytes = b""
    # Field lines without their ends.
    lines: list = field(default_factory=list)
    # What stands behind the head, and the body in it.
    tail: bytes = b""
    body: bytes = b""
    # What is sent behind everything, without end.
    filler: bytes = b""
    is_chunked: bool = False
    # Whether it answers a HEAD, or is a 304: nothing stands behind the head.
    is_head: bool = False
    # In the place of all of the above but the filler.
    raw: bytes | None = None

    def head(self):
        return b"".join(self.front) + b"\r\n".join([self.status_line] + self.lines) + b"\r\n\r\n"

    def stream(self):
        return self.head() + self.tail if self.raw is None else self.raw

    def index(self, name):
        """Where the field is; the end where a mutation has removed it."""
        names = [line.split(b":")[0].strip().lower() for line in self.lines]
        return names.index(name) if name in names else len(names)

    def replace(self, name, *lines):
        at = self.index(name)
        self.lines[at:at + 1] = lines


def good_reply(random, method, key):
    """A reply as a main, or a proxy that only passes it on, would give it."""
    mark = key.encode()
    status, content_type, body = content(random, method, mark)
    parts = ReplyParts(status_line=b"HTTP/1.1 " + status, body=body)
    parts.lines = [b"Date: Sun, 06 Nov 1994 08:49:37 GMT", b"Content-Type: " + content_type,
                   b"Content-Length: %d" % len(body), b"X-Mark: " + mark]
    if status.startswith(b"304"):
        # RFC 9110 §15.4.5: neither needs to be said.
        parts.lines = [line for line in parts.lines if line[:8] != b"Content-" or not random.randrange(8)]
    for line in (b"ETag: \"%x\"" % random.getrandbits(64), b"ETag: \"%032x-raw\"" % random.getrandbits(128),
                 b"KVS-TTL: %d" % random.getrandbits(32), b"Connection: keep-alive",
                 b"Keep-Alive: timeout=%d" % random.choice((1, 2, 30, 75)),
                 b"Connection: close", b"Connection: X-Hop\r\nX-Hop: 1", b"X-Bytes: \x80\xff",
                 b"X-Empty:", b"X-Tab:\t a\tb \t", b"Via: 1.1 proxy", b"Cache-Control: no-store"):
        if not random.randrange(10):
            parts.lines.insert(random.randrange(len(parts.lines) + 1), line)
    if not random.randrange(6):
        parts.front = [random.choice(INTERIM) for _ in range(random.choice((1, 1, 2, 3)))]
    parts.is_head = method == "HEAD" or status.startswith(b"304")
    parts.tail = b"" if parts.is_head else body
    if not parts.is_head and not random.randrange(4):
        make_chunked(random, parts)
    return parts


def content(random, method, mark):
    if not random.randrange(8):
        status = random.choice((b"400 Bad Request", b"409 Conflict", b"412 Precondition Failed",
                                b"413 Content Too Large", b"500 Internal Server Error",
                                b"503 Service Unavailable", b"507 Insufficient Storage", b"599 "))
        return status, JSON, b'{"msg":"error","error":"of %s"}' % mark
    if method == "PUT":
        return random.choice(((b"201 Created", JSON, b'{"replaced":0,"msg":"success"}'),
                              (b"200 OK", JSON, b'{"replaced":1,"msg":"success"}')))
    if not random.randrange(4):
        return b"404 Not Found", JSON, b'{"msg":"error","error":"key does not exist"}'
    if method != "DELETE" and not random.randrange(6):
        return b"304 Not Modified", JSON, b""
    if method != "DELETE" and not random.randrange(6):
        return b"200 OK", JSON, b'{"msg":"success","keys":["%s"],"cursor":"%032x"}' % (mark, 1)
    if method == "DELETE":
        return b"200 OK", JSON, b'{"msg":"success"}'
    value = mark + b"x" * random.choice(SIZES)
    if random.randrange(2):
        return b"200 OK", BYTES, value + random.randbytes(random.choice((0, 5, 300)))
    return b"200 OK", JSON, b'{"msg":"success","value":"%s"}' % value


def make_chunked(random, parts, extension=b""):
    parts.is_chunked = True
    parts.replace(b"content-length", b"Transfer-Encoding: chunked")
    cuts = sorted(random.randrange(len(parts.body) + 1) for _ in range(random.randrange(4)))
    chunks = [parts.body[a:b] for a, b in zip([0] + cuts, cuts + [len(parts.body)]) if a < b]
    digits = random.choice((b"%x", b"%X", b"%04x"))
    parts.tail = b"".join(digits % len(c) + extension + b"\r\n" + c + b"\r\n" for c in chunks)
    trailers = b"" if random.randrange(4) else b"X-Trailer: 1\r\n"
    parts.tail += b"0" + extension + b"\r\n" + trailers + b"\r\n"
    if parts.is_head:
        parts.tail = b""
