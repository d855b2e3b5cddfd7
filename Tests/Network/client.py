"""One client, one request at a time."""

import http.client
import time

from answer import Answer

PATIENCE_SECONDS = 20


class Client:
    def __init__(self, address, source_port=0):
        source = ("", source_port) if source_port else None
        self.connection = http.client.HTTPConnection(
            *address, timeout=PATIENCE_SECONDS, source_address=source)

    def ask(self, method, key="key", value=b"value"):
        """None where there is no whole answer."""
        start = time.monotonic()
        body = b"val=" + value if method == "PUT" else None
        try:
            self.connection.request(method, f"/kvs/{key}", body)
            response = self.connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            return None
        fields = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, fields, content, time.monotonic() - start)

    def status(self, path):
        """Of a GET; None where there is no whole answer."""
        try:
            self.connection.request("GET", path)
            response = self.connection.getresponse()
            response.read()
            return response.status
        except (OSError, http.client.HTTPException):
            self.connection.close()
            return None

    def seconds_until_answered(self, limit, method="GET"):
        """Asks every 20 ms, as somebody who waits for a main's return does. The time from now to
        the end of the first answer that is the main's; None where there is none within `limit`."""
        start = time.monotonic()
        while time.monotonic() - start < limit:
            answer = self.ask(method)
            if answer is not None and answer.is_from_main():
                return time.monotonic() - start
            time.sleep(0.02)
        return None
