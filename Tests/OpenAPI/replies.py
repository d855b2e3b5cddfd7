"""The replies to Tests/Corpus, the error texts and the version of the sources, beside docs/openapi.yaml.

schemathesis sends what HTTP libraries can send. Most refusals need a request that none of them would make.
Status 1: a reply is not as the document says, or a text is not in it.
"""

import argparse
import json
import pathlib
import re
import socket
import sys

import jsonschema
import yaml

TEXTS = [f"Sources/KVSServer/API/{name}.swift" for name in ("APIError", "OwnAnswerTexts", "ValueFaultTexts")]
# What the corpus does not have: a value of bytes in both forms, a time to live, each other path, and a request
# that goes round.
OTHERS = {
    "raw bytes: PUT": b"PUT /kvs/octets HTTP/1.1\r\nHost: a\r\nContent-Type: application/octet-stream\r\n"
                      b"Content-Length: 3\r\n\r\n\xff\x00\xfe",
    "raw bytes: GET, as base64": b"GET /kvs/octets HTTP/1.1\r\nHost: a\r\n\r\n",
    "raw bytes: GET, as they are": b"GET /kvs/octets HTTP/1.1\r\nHost: a\r\n"
                                   b"Accept: application/octet-stream\r\n\r\n",
    "raw bytes: HEAD": b"HEAD /kvs/octets HTTP/1.1\r\nHost: a\r\nAccept: application/octet-stream\r\n\r\n",
    "raw bytes: DELETE": b"DELETE /kvs/octets HTTP/1.1\r\nHost: a\r\n\r\n",
    "raw bytes: DELETE again": b"DELETE /kvs/octets HTTP/1.1\r\nHost: a\r\n\r\n",
    "time to live: PUT": b"PUT /kvs/brief?ttl=1000 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nval=x",
    "time to live: GET": b"GET /kvs/brief HTTP/1.1\r\nHost: a\r\n\r\n",
    "time to live: 304": b"GET /kvs/brief HTTP/1.1\r\nHost: a\r\nIf-None-Match: *\r\n\r\n",
    "/livez: DELETE": b"DELETE /livez HTTP/1.1\r\nHost: a\r\n\r\n",
    "no such path": b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "/livez": b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n",
    "/readyz": b"GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n",
    "many hops": b"GET /kvs/octets HTTP/1.1\r\nHost: a\r\nVia: " + b"1.1 a, " * 40 + b"1.1 b\r\n\r\n",
}
METHODS = {"get", "head", "put", "delete", "options"}


class Document:
    def __init__(self, path):
        self.tree = yaml.safe_load(path.read_text())
        self.validators = {}

    def at(self, node):
        """What a reference leads to; anything else is itself."""
        while "$ref" in node:
            target = self.tree
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/")]
            node = target
        return node

    def operation(self, method, path):
        """The operation of a request; None where none is documented."""
        for template, item in self.tree["paths"].items():
            pattern = re.sub(r"\\\{key\\\}", "[^/]+", re.escape(template))
            if re.fullmatch(pattern, path.split("?")[0]):
                # Methods are case-sensitive.
                return item.get(method.lower()) if method.isupper() else None
        return None

    def responses(self, operation, status):
        """The replies of that status: those of the operation, or all that there are."""
        if operation:
            found = operation["responses"].get(str(status))
            return [self.at(found)] if found else []
        named = self.tree["components"]["responses"]
        found = [named["MethodNotAllowed"]] if status == 405 else [named["NoSuchPath"]] if status == 404 else []
        for item in self.tree["paths"].values():
            for method in METHODS & item.keys():
                reply = item[method]["responses"].get(str(status))
                found += [self.at(reply)] if reply else []
        return found

    def faults(self, response, reply, has_body):
        """What of a reply is not as the response says."""
        faults = []
        for name, header in response.get("headers", {}).items():
            header = self.at(header)
            value = reply.fields.get(name.lower())
            if value is None:
                faults += [f"no {name}"] if header.get("required") else []
            else:
                faults += self.schema_faults(header["schema"], value, name)
        content = response.get("content", {})
        kind = reply.fields.get("content-type", "").split(";")[0]
        if kind not in content:
            return faults + ([f"Content-Type {kind!r}"] if content or kind else [])
        schema = content[kind].get("schema")
        if not has_body or schema is None:
            return faults
        try:
            body = json.loads(reply.body) if kind == "application/json" else reply.body.decode()
        except ValueError as error:
            return faults + [f"body: {error}"]
        return faults + self.schema_faults(schema, body, "body")

    def schema_faults(self, schema, value, name):
        key = json.dumps(schema)
        if key not in self.validators:
            whole = {"allOf": [schema], "components": self.tree["components"]}
            self.validators[key] = jsonschema.Draft202012Validator(whole)
        return [f"{name}: {error.message[:200]}" for error in self.validators[key].iter_errors(value)]

    def texts(self):
        """All texts that the document's schemas name, patterns without their backslashes."""
        found = []

        def walk(node):
            if isinstance(node, dict):
                found.extend(str(text) for text in node.get("enum", []))
                found.extend(str(node[name]) for name in ("const", "pattern") if name in node)
                for child in node.values():
                    walk(child)
            elif isinstance(node, list):
                for child in node:
                    walk(child)

        walk(self.tree["components"]["schemas"])
        return "\n".join(found).replace("\\", "")


class Reply:
    def __init__(self, status, fields, body):
        self.status, self.fields, self.body = status, fields, body


def ask(address, request, has_body):
    """The first final reply to raw bytes."""
    with socket.create_connection(address, timeout=20) as connection:
        try:
            connection.sendall(request)
        except OSError:
            pass  # Refused before the end of it; the reply is there.
        data = b""
        while True:
            head, end, body = data.partition(b"\r\n\r\n")
            if end:
                lines = head.decode("latin-1").split("\r\n")
                status = int(lines[0].split()[1])
                if 100 <= status < 200:
                    data = body
                    continue
                fields = {name.lower(): value.strip()
                          for name, _, value in (line.partition(":") for line in lines[1:])}
                length = int(fields.get("content-length", 0)) if has_body and status not in (204, 304) else 0
                if len(body) >= length:
                    return Reply(status, fields, body[:length])
            part = connection.recv(65536)
            if not part:
                raise ConnectionError(f"the stream ended behind {data[:200]!r}")
            data += part


def requests():
    """Names and bytes: the corpus, but for files with several requests, and the others."""
    for path in sorted(pathlib.Path("Tests/Corpus").glob("*/*.http")):
        # Each of the several stands in a file of its own as well.
        if "+" not in path.name.split("-")[0]:
            yield str(path), path.read_bytes()
    yield from OTHERS.items()


def check_replies(document, address):
    """How many requests were sent, how often each status was seen, and a line for each reply that is wrong."""
    sent, seen, faults = 0, {}, []
    for name, request in requests():
        words = request.lstrip(b"\r\n").decode("latin-1").split(" ", 2)
        method, target = words[0], re.sub("^https?://[^/]*", "", (words + [""])[1])
        try:
            reply = ask(address, request, method != "HEAD")
        except OSError as error:
            faults.append(f"{name}: {error}")
            continue
        sent += 1
        seen[reply.status] = seen.get(reply.status, 0) + 1
        operation = document.operation(method, target)
        verdicts = [document.faults(response, reply, method != "HEAD")
                    for response in document.responses(operation, reply.status)]
        if not any(verdict == [] for verdict in verdicts):
            why = min(verdicts, key=len, default=["no reply of that status is documented"])
            faults.append(f"{name}: {method} {target[:40]} -> {reply.status}: {'; '.join(why)}")
    return sent, seen, faults


def missing_texts(document):
    """The pieces of the sources' error texts, between interpolations, that the document does not have."""
    known, missing, count = document.texts(), [], 0
    for path in TEXTS:
        source = pathlib.Path(path).read_text()
        source = re.sub(r"^\s*//.*$", "", source, flags=re.M)
        literals = re.findall(r'"""(.*?)"""|"((?:[^"\\\n]|\\.)*)"', source, flags=re.S)
        for block, line in literals:
            text = re.sub(r"\\\n\s*", "", block).strip() if block else line
            # Of `\(Self.hex(byte))` nothing is text.
            for piece in re.split(r"\\\((?:[^()]|\([^()]*\))*\)", text):
                piece = piece.strip()
                if len(piece) > 3:
                    count += 1
                    missing += [] if piece in known else [f"{path}: not in the document: {piece!r}"]
    return count, missing


def version_faults(document):
    source = pathlib.Path("Sources/KVSServer/KVSServer.swift").read_text()
    version = re.search(r'static let version = "([^"]+)"', source).group(1)
    said = document.tree["info"]["version"]
    return [] if said == version else [f"the document is of version {said}, the program of {version}"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--document", type=pathlib.Path, required=True)
    parser.add_argument("instances", nargs="*", metavar="NAME=URL")
    arguments = parser.parse_args()
    document = Document(arguments.document)
    count, faults = missing_texts(document)
    print(f"{count} pieces of error texts in the sources, {len(faults)} of them not in the document")
    faults += version_faults(document)
    for instance in arguments.instances:
        name, _, url = instance.partition("=")
        host, _, port = url.removeprefix("http://").rpartition(":")
        sent, seen, wrong = check_replies(document, (host, int(port)))
        statuses = ", ".join(f"{number} of {status}" for status, number in sorted(seen.items()))
        print(f"{name}: {sent} requests, {len(wrong)} replies not as documented ({statuses})")
        faults += [f"{name}: {fault}" for fault in wrong]
    for fault in faults[:20]:
        print(f"FAILED  {fault}")
    if len(faults) > 20:
        print(f"and {len(faults) - 20} more")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
