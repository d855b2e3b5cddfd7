"""Lists all keys of a prefix in pages of 10,000, again and again, until it is ended.

usage: lists.py ADDRESS PREFIX
"""

import http.client
import json
import sys


def main():
    address, prefix = sys.argv[1:]
    connection = http.client.HTTPConnection(address, timeout=60)
    cursor = ""
    while True:
        connection.request("GET", f"/kvs?prefix={prefix}&limit=10000&cursor={cursor}")
        reply = connection.getresponse()
        body = json.loads(reply.read())
        if reply.status != 200:
            sys.exit(f"{reply.status}: {body}")
        cursor = body.get("cursor", "")


main()
