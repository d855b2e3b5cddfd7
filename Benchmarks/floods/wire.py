"""What the clients send, and how they connect."""

import socket

VALUE_BYTES = 1_572_864  # the largest value
BODY_BYTES = 4_784_128  # the largest body
BODY_OF_4_MIB = 4 << 20


def address_of(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


def connect(address, receive_bytes=0):
    """`receive_bytes` keeps the kernel from taking the replies that a client does not read: they
    would be no longer the server's to hold, and not show in its memory."""
    connection = socket.socket()
    if receive_bytes:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.connect(address)
    return connection


def get(key, octets=False):
    accept = "Accept: application/octet-stream\r\n" if octets else ""
    return f"GET /kvs/{key} HTTP/1.1\r\nHost: a\r\n{accept}\r\n".encode()


def head_of_put(key, length, content_type="application/x-www-form-urlencoded"):
    return (f"PUT /kvs/{key} HTTP/1.1\r\nHost: a\r\nContent-Type: {content_type}\r\n"
            f"Content-Length: {length}\r\n\r\n").encode()


def put(key, value):
    return head_of_put(key, len(value), "application/octet-stream") + value


def put_form(key, byte, count):
    """As `curl -d` sends a value of unprintable bytes: three for one on the way."""
    body = b"val=" + b"%%%02X" % byte * count
    return head_of_put(key, len(body)) + body


def half_head(size):
    """The beginning of a head of which `size` bytes come, in fields of a usual length."""
    text = b"GET /kvs/key HTTP/1.1\r\nHost: a\r\n"
    number = 0
    while len(text) < size:
        text += b"X-%d: %s\r\n" % (number, b"a" * 200)
        number += 1
    return text[:size]


def half_body():
    """The head of a body of 4 MiB, and the first half of that."""
    return head_of_put("half", BODY_OF_4_MIB) + b"val=" + b"%41" * (BODY_OF_4_MIB // 6)
