"""Writes libFuzzer's first inputs: the corpus's streams for the head parser and the request reader, the
bodies in them for the others.

usage: seeds.py CORPUS OUTPUT
"""

import pathlib
import sys

# As in ParserFuzzer.swift.
STREAMS, BODIES = (0, 6), range(1, 6)
PIECE_BYTES = 7


def main():
    corpus, output = map(pathlib.Path, sys.argv[1:])
    output.mkdir(parents=True, exist_ok=True)
    for file in sorted(corpus.glob("*/*.http")):
        stream = file.read_bytes()
        body = stream.partition(b"\r\n\r\n")[2]
        inputs = dict.fromkeys(STREAMS, stream) | (dict.fromkeys(BODIES, body) if body else {})
        for target, data in inputs.items():
            (output / f"{file.stem}-{target}").write_bytes(bytes([target, PIECE_BYTES]) + data)


main()
