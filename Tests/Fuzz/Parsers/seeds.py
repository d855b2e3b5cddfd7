"""Writes libFuzzer's first inputs: the corpus's heads for the head parser, its bodies for the others.

usage: seeds.py CORPUS OUTPUT
"""

import pathlib
import sys

# As in ParserFuzzer.swift.
HEAD, BODIES = 0, range(1, 6)
PIECE_BYTES = 7


def main():
    corpus, output = map(pathlib.Path, sys.argv[1:])
    output.mkdir(parents=True, exist_ok=True)
    for file in sorted(corpus.glob("*/*.http")):
        stream = file.read_bytes()
        body = stream.partition(b"\r\n\r\n")[2]
        inputs = {HEAD: stream} | ({target: body for target in BODIES} if body else {})
        for target, data in inputs.items():
            (output / f"{file.stem}-{target}").write_bytes(bytes([target, PIECE_BYTES]) + data)


main()
