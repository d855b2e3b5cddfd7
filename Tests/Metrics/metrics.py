"""Holds what /metrics says against what clients were told: see scripts/metrics-test."""

import argparse
import asyncio
import http.client
import multiprocessing
import statistics
import sys
import time
from collections import Counter

from prometheus_client.parser import text_string_to_metric_families


def scrape(port):
    """The text, and how long it took, in seconds."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    begin = time.perf_counter()
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    return text, time.perf_counter() - begin


def samples(text):
    """All samples, by name and labels; what cannot be parsed is an error."""
    found = {}
    for family in text_string_to_metric_families(text):
        assert family.documentation and family.type != "unknown", family
        for sample in family.samples:
            key = (sample.name, tuple(sorted(sample.labels.items())))
            assert key not in found, f"{key} twice"
            found[key] = sample.value
    return found


def requests(found):
    """How many requests, by method and class of status."""
    counts = Counter()
    for (name, labels), value in found.items():
        if name == "kvs_http_requests_total":
            labels = dict(labels)
            if labels["route"] != "metrics":
                counts[labels["method"], labels["status"]] += int(value)
    return counts


def keep_scraping(port, stop, results):
    """A scrape each 10 ms, as long as `stop` is not set; counters must never fall."""
    before, times, falls = {}, [], 0
    while not stop.is_set():
        text, took = scrape(port)
        found = samples(text)
        times.append(took)
        falls += sum(found[key] < value for key, value in before.items()
                     if key[0].endswith("_total") or key[0].endswith("_bucket"))
        before = found
        time.sleep(0.01)
    results.put((times, falls))


async def converse(port, number, rounds, told):
    """One connection: kinds of requests in turn, some of them pipelined."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for turn in range(rounds):
        key = f"/kvs/key{number % 50}"
        batch = [
            ("PUT", f"PUT {key} HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\nval=abc"),
            ("GET", f"GET {key} HTTP/1.1\r\nHost: a\r\n\r\n"),
            ("GET", "GET /kvs/none HTTP/1.1\r\nHost: a\r\n\r\n"),
            ("HEAD", f"HEAD {key} HTTP/1.1\r\nHost: a\r\n\r\n"),
            ("POST", f"POST {key} HTTP/1.1\r\nHost: a\r\n\r\n"),
        ]
        pieces = [batch] if turn % 2 else [[request] for request in batch]
        for piece in pieces:
            writer.write("".join(text for _, text in piece).encode())
            for method, _ in piece:
                head = await reader.readuntil(b"\r\n\r\n")
                status = int(head.split(b" ", 2)[1])
                length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n")
                              if line.lower().startswith(b"content-length"))
                if method != "HEAD":
                    await reader.readexactly(length)
                told[method, f"{status // 100}xx"] += 1
    # A refusal ends it.
    writer.write(b"GET / HTTP/1.1\r\n\r\n")
    answer = await reader.read()
    told["GET", f"{int(answer.split(b' ', 2)[1]) // 100}xx"] += 1
    writer.close()


async def load(port, connections, rounds):
    told = Counter()
    await asyncio.gather(*(converse(port, number, rounds, told) for number in range(connections)))
    return told


def fill(port, count):
    """Puts so many keys, many at a time."""
    import socket
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for start in range(0, count, 2000):
            batch = "".join(
                f"PUT /kvs/k{number} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nval=v"
                for number in range(start, min(start + 2000, count)))
            connection.sendall(batch.encode())
            left = min(2000, count - start)
            rest = b""
            while left:
                rest += connection.recv(1 << 20)
                left -= rest.count(b'"msg":"success"}')
                rest = rest[-15:] if b'"msg":"success"}' not in rest[-15:] else b""


def in_milliseconds(times):
    return (f"median {statistics.median(times) * 1000:.2f} ms, "
            f"longest {max(times) * 1000:.2f} ms")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--connections", type=int, required=True)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--keys", type=int, default=0)
    parser.add_argument("instances", nargs="+", metavar="ROLE=PORT")
    arguments = parser.parse_args()
    failed = 0
    for instance in arguments.instances:
        role, _, port = instance.partition("=")
        port = int(port)
        stop, results = multiprocessing.Event(), multiprocessing.Queue()
        before = requests(samples(scrape(port)[0]))
        scraper = multiprocessing.Process(target=keep_scraping, args=(port, stop, results))
        scraper.start()
        told = asyncio.run(load(port, arguments.connections, arguments.rounds))
        stop.set()
        times, falls = results.get()
        scraper.join()
        found = samples(scrape(port)[0])
        counted = requests(found) - before
        total = sum(told.values())
        ended = found[("kvs_http_request_duration_seconds_count", ())]
        verdict = "ok    " if counted == told and falls == 0 else "FAILED"
        failed += verdict == "FAILED"
        print(f"{verdict}  {role}: {total} requests over {arguments.connections} connections, "
              f"{sum(counted.values())} counted; {len(times)} scrapes beside them, "
              f"{falls} counters fell; {in_milliseconds(times)}")
        if counted != told:
            print(f"        told {dict(told)}\n        counted {dict(counted)}")
        if ended != sum(requests(found).values()) + found_scrapes(found):
            failed += 1
            print(f"FAILED  {role}: the histogram has {ended} requests")
        if arguments.keys and role == "main":
            fill(port, arguments.keys)
            times = [scrape(port)[1] for _ in range(200)]
            keys = int(samples(scrape(port)[0])[("kvs_store_keys", ())])
            print(f"        {keys} keys: 200 scrapes, {in_milliseconds(times)}")
    return 1 if failed else 0


def found_scrapes(found):
    return sum(value for (name, labels), value in found.items()
               if name == "kvs_http_requests_total" and dict(labels)["route"] == "metrics")


if __name__ == "__main__":
    sys.exit(main())
