"""Writes libFuzzer's first inputs: the corpus's streams for the head parser and the request reader, the
bodies in them for the others, and for the fields also conditions and queries.

usage: seeds.py CORPUS OUTPUT
"""

import pathlib
import re
import sys

# As in ParserFuzzer.swift.
STREAMS, BODIES, FIELDS = (0, 6), range(1, 6), 5
PIECE_BYTES = 7
TEXTS = re.compile(rb"^If-(?:None-)?Match:(.*?)\r$|^[A-Z]+ [^ ?]*\?([^ ]+)", re.MULTILINE)


def main():
    corpus, output = map(pathlib.Path, sys.argv[1:])
    output.mkdir(parents=True, exist_ok=True)
    for file in sorted(corpus.glob("*/*.http")):
        stream = file.read_bytes()
        body = stream.partition(b"\r\n\r\n")[2]
        inputs = dict.fromkeys(STREAMS, stream) | (dict.fromkeys(BODIES, body) if body else {})
        for number, match in enumerate(TEXTS.finditer(stream)):
            data = match[1] or match[2] or b""
            (output / f"{file.stem}-text-{number}").write_bytes(bytes([FIELDS, PIECE_BYTES]) + data)
        for target, data in inputs.items():
            (output / f"{file.stem}-{target}").write_bytes(bytes([target, PIECE_BYTES]) + data)


main()
