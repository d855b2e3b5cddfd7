"""A reply, as its bytes come in."""

HEAD_BYTES = 16_384


class Reply:
    """Keeps the head only: bodies may be large, and nobody looks at them."""

    def __init__(self):
        self.status = None
        self.closes = False
        self.is_whole = False
        self._head = b""
        self._left = 0

    @property
    def has_begun(self):
        return bool(self._head)

    def feed(self, data):
        """Bytes of this reply. Of what comes behind it nothing is kept."""
        if self.status is None:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                if len(self._head) > HEAD_BYTES:
                    raise ValueError("a head without end")
                return
            data = self._head[end + 4:]
            self._parse(self._head[:end].decode("latin-1"))
        self._left -= len(data)
        self.is_whole = self._left <= 0

    def _parse(self, head):
        line, *fields = head.split("\r\n")
        self.status = int(line.split()[1])
        for field in fields:
            name, _, value = field.partition(":")
            name = name.lower()
            if name == "content-length":
                self._left = int(value)
            elif name == "connection":
                self.closes = "close" in value.lower()
