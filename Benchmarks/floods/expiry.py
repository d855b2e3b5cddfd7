"""Waits until a main has no more than KEYS keys and a few, and writes to FILE how many seconds after the
time MOMENT that was.

usage: expiry.py ADDRESS MOMENT KEYS FILE
"""

import re
import sys
import time
import urllib.request

# Those of the good client.
FEW = 10


def main():
    address, moment, keys, path = sys.argv[1:]
    # The keys expire within the second that begins then.
    while True:
        with urllib.request.urlopen(f"http://{address}/metrics") as reply:
            there = int(re.search(rb"^kvs_store_keys (\d+)", reply.read(), re.M)[1])
        if there <= int(keys) + FEW:
            break
        time.sleep(0.02)
    with open(path, "w", encoding="ascii") as file:
        file.write(f"{time.time() - float(moment):.2f}")


main()
