"""Makes new request streams out of the corpus, from a seeded generator."""

import random

# What parsers of HTTP stumble over.
DICTIONARY = [
    b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\n\n", b"\r\r\n", b"\0", b" ", b"\t", b"\x0b", b"\x7f",
    b"\xff", b":", b" :", b": ", b",", b";", b"//", b"#", b"%00", b"%0d%0a", b"%", b"*", b"HTTP/1.1",
    b"HTTP/1.0", b"HTTP/0.9", b"HTTP/2.0", b"GET ", b"PUT ", b"HEAD ", b"DELETE ", b"TRACE ",
    b"OPTIONS ", b"CONNECT ", b"FROB ", b"/kvs/seeded", b"/kvs/", b"http://kvs.test/kvs/seeded",
    b"Host: kvs.test\r\n", b"Content-Length: 0\r\n", b"Content-Length: 8\r\n",
    b"Content-Length: 18446744073709551615\r\n", b"Content-Length: -1\r\n",
    b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: identity\r\n",
    b"Transfer-Encoding : chunked\r\n", b"Connection: close\r\n", b"Connection: keep-alive\r\n",
    b"Expect: 100-continue\r\n", b"Content-Encoding: gzip\r\n", b"Accept: application/octet-stream\r\n",
    b"Content-Type: application/json\r\n", b"Content-Type: text/plain\r\n",
    b"Content-Type: multipart/form-data; boundary=B\r\n", b"Trailer: X\r\n", b"Upgrade: h2c\r\n",
    b"0\r\n\r\n", b"1\r\na\r\n", b"0", b"00000000", b"ffffffff", b"7fffffff", b"8\r\n", b";a=b",
    b"val=", b"&", b"=", b"+", b'{"val":"', b'"}', b"\\u0000", b"\\ud800", b"\\", b'"', b"--B",
    b"--B--\r\n", b'Content-Disposition: form-data; name="val"\r\n\r\n',
    b"If-Match: *\r\n", b"If-None-Match: *\r\n", b'If-Match: "x"\r\n', b'If-None-Match: W/"x", "y"\r\n',
    b'If-Match: "0a3e2d18537f93433489e1b1ea5b12b5"\r\n', b'"0a3e2d18537f93433489e1b1ea5b12b5-raw"', b"W/",
    b'"x"', b"?ttl=1", b"?ttl=0", b"&ttl=4294967295", b"ttl=", b"/kvs?limit=2", b"/kvs", b"?", b"limit=10000",
    b"&limit=", b"prefix=", b"&prefix=key", b"cursor=", b"&cursor=00000000000000000000000000000000",
]


class Mutator:
    """Gives one stream after the other; the same seed gives the same streams."""

    # A few corpus files are long; what grows out of them stays cheap to send.
    MAXIMUM_BYTES = 40_000

    def __init__(self, corpus, seed, dictionary=DICTIONARY):
        self.corpus = sorted(corpus)
        self.random = random.Random(seed)
        self.dictionary = dictionary

    def next_stream(self):
        """One to three mutated requests in a row."""
        count = self.random.choice((1, 1, 1, 2, 3))
        return b"".join(self.next_request() for _ in range(count))[:self.MAXIMUM_BYTES]

    def next_splits(self, count):
        """Where to cut a stream of `count` bytes into pieces sent one by one."""
        pieces = self.random.choice((1, 1, 1, 2, 2, 3, 5, 9))
        return sorted(self.random.randrange(count + 1) for _ in range(pieces - 1))

    def next_request(self):
        data = bytearray(self.random.choice(self.corpus))
        for _ in range(self.random.choice((0, 1, 1, 1, 2, 2, 3, 4, 8))):
            self.random.choice(self.MUTATIONS)(self, data)
        return bytes(data)

    def position(self, data):
        return self.random.randrange(len(data) + 1)

    def span(self, data):
        start = self.position(data)
        return start, min(len(data), start + self.random.choice((1, 2, 4, 8, 20, 80)))

    def flip_bit(self, data):
        if data:
            data[self.random.randrange(len(data))] ^= 1 << self.random.randrange(8)

    def set_byte(self, data):
        if data:
            data[self.random.randrange(len(data))] = self.random.randrange(256)

    def insert_bytes(self, data):
        at = self.position(data)
        data[at:at] = self.random.randbytes(self.random.choice((1, 1, 2, 4)))

    def insert_word(self, data):
        at = self.position(data)
        data[at:at] = self.random.choice(self.dictionary)

    def insert_word_at_line(self, data):
        starts = [i + 2 for i in range(len(data) - 1) if data[i:i + 2] == b"\r\n"] or [0]
        at = self.random.choice(starts)
        data[at:at] = self.random.choice(self.dictionary)

    def replace_by_word(self, data):
        start, end = self.span(data)
        data[start:end] = self.random.choice(self.dictionary)

    def remove(self, data):
        start, end = self.span(data)
        del data[start:end]

    def truncate(self, data):
        del data[self.position(data):]

    def duplicate(self, data):
        start, end = self.span(data)
        data[start:start] = data[start:end] * self.random.choice((1, 1, 1, 2, 50))

    def duplicate_line(self, data):
        lines = bytes(data).split(b"\r\n")
        index = self.random.randrange(len(lines))
        lines.insert(self.random.randrange(len(lines) + 1), lines[index])
        data[:] = b"\r\n".join(lines)

    def swap_lines(self, data):
        lines = bytes(data).split(b"\r\n")
        first, second = (self.random.randrange(len(lines)) for _ in range(2))
        lines[first], lines[second] = lines[second], lines[first]
        data[:] = b"\r\n".join(lines)

    def splice(self, data):
        other = self.random.choice(self.corpus)
        data[self.position(data):] = other[self.position(other):]

    def change_number(self, data):
        places = [i for i, byte in enumerate(data) if 0x30 <= byte <= 0x39]
        if places:
            at = self.random.choice(places)
            data[at:at + 1] = str(self.random.choice((0, 1, 2, 7, 8, 9, 10, 255, 4095, 65536))).encode()

    MUTATIONS = (
        flip_bit, set_byte, insert_bytes, insert_word, insert_word, insert_word_at_line,
        insert_word_at_line, replace_by_word, remove, truncate, duplicate, duplicate_line,
        swap_lines, splice, change_number,
    )
