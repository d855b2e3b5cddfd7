"""Lists all keys of a prefix in pages of 10,000, again and again, until it is ended. Ends by itself, and
says why, where a list does not get on, or has fewer than KEYS keys.

usage: lists.py ADDRESS PREFIX KEYS
"""

import http.client
import json
import sys


def main():
    address, prefix, keys = sys.argv[1:]
    connection = http.client.HTTPConnection(address, timeout=60)
    cursor = ""
    count = 0
    while True:
        connection.request("GET", f"/kvs?prefix={prefix}&limit=10000&cursor={cursor}")
        reply = connection.getresponse()
        body = json.loads(reply.read())
        if reply.status != 200:
            sys.exit(f"{reply.status}: {body}")
        count += len(body["keys"])
        before, cursor = cursor, body.get("cursor", "")
        if cursor and cursor == before:
            sys.exit(f"the list does not get on: {cursor}")
        if not cursor:
            if count < int(keys):
                sys.exit(f"a list of {count} keys, not {keys}")
            count = 0


main()
