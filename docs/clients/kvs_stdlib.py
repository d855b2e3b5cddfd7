"""put, get and delete with the standard library. Usage: python3 kvs_stdlib.py http://127.0.0.1:8080"""

import http.client
import json
import sys
from urllib.parse import urlsplit


class ServiceUnavailable(Exception):
    pass


class KVS:
    def __init__(self, base):
        # Keeps its connection. After an exception the next request makes another one.
        self.connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=10)

    def put(self, key, value):
        """Stores bytes; says whether they replace a value."""
        status, _ = self._send("PUT", key, value)
        return status == 200

    def get(self, key):
        """The bytes; None if the key does not exist."""
        status, body = self._send("GET", key)
        return body if status == 200 else None

    def delete(self, key):
        """Says whether the key existed."""
        status, _ = self._send("DELETE", key)
        return status == 200

    def _send(self, method, key, body=None):
        headers = {"Accept": "application/octet-stream", "Content-Type": "application/octet-stream"}
        self.connection.request(method, f"/kvs/{key}", body, headers)
        reply = self.connection.getresponse()
        body = reply.read()  # whole, or the connection cannot be used again
        if reply.status < 300:
            return reply.status, body
        error = json.loads(body)["error"]
        if reply.status == 404 and error == "key does not exist":
            return reply.status, None
        if reply.status == 404 and error == "service is not available":
            raise ServiceUnavailable
        raise RuntimeError(f"{reply.status} {error}")


kvs = KVS(sys.argv[1])
value = bytes(range(256))
try:
    print("get:", "a value" if kvs.get("example") else "key does not exist")
    for _ in range(2):
        print("put:", "replaced" if kvs.put("example", value) else "new")
    got = kvs.get("example")
    print(f"get: {len(got)} bytes, {'unharmed' if got == value else 'harmed'}")
    for _ in range(2):
        print("delete:", "done" if kvs.delete("example") else "key does not exist")
except ServiceUnavailable:
    print("service is not available")
    sys.exit(69)
