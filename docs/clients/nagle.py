"""What a PUT takes whose head and body are written apart. Usage: python3 nagle.py http://127.0.0.1:8080"""

import socket
import sys
import time
from urllib.parse import urlsplit

url = urlsplit(sys.argv[1])
puts = 25
for no_delay in 0, 1:
    with socket.create_connection((url.hostname, url.port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, no_delay)
        start = time.monotonic()
        for _ in range(puts):
            connection.sendall(b"PUT /kvs/nagle HTTP/1.1\r\nHost: kvs\r\nContent-Length: 5\r\n\r\n")
            connection.sendall(b"val=x")
            connection.recv(4096)
        milliseconds = (time.monotonic() - start) / puts * 1000
        print(f"TCP_NODELAY={no_delay}: {milliseconds:.1f} ms for a PUT")
