"""put, get and delete with requests. Usage: python3 kvs_requests.py http://127.0.0.1:8080"""

import sys

import requests


class ServiceUnavailable(Exception):
    pass


class KVS:
    def __init__(self, base):
        self.base = base
        self.session = requests.Session()  # keeps its connections

    def put(self, key, value):
        """Stores bytes; says whether they replace a value."""
        return self._send("PUT", key, data=value).status_code == 200

    def get(self, key):
        """The bytes; None if the key does not exist."""
        reply = self._send("GET", key)
        return reply.content if reply.ok else None

    def delete(self, key):
        """Says whether the key existed."""
        return self._send("DELETE", key).ok

    def _send(self, method, key, data=None):
        headers = {"Accept": "application/octet-stream", "Content-Type": "application/octet-stream"}
        url = f"{self.base}/kvs/{key}"
        reply = self.session.request(method, url, data=data, headers=headers, timeout=10)
        if reply.ok or (reply.status_code == 404 and reply.json()["error"] == "key does not exist"):
            return reply
        if reply.status_code == 404 and reply.json()["error"] == "service is not available":
            raise ServiceUnavailable
        raise RuntimeError(f"{reply.status_code} {reply.text}")


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
