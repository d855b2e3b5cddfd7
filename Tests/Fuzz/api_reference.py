"""A second opinion on what a request is answered, for the fuzzer to compare the server with.

Written from docs/api.md and docs/limits.md, not from the server's code. What a store holds it does not know: it
says which statuses a request may have, and which fields then.
"""

import re
from urllib.parse import unquote_to_bytes

KEY = re.compile(rb"[A-Za-z0-9_]{1,250}")
PREFIX = re.compile(rb"[A-Za-z0-9_]{0,250}")
ESCAPED = re.compile(rb"(?:[^%]|%[0-9A-Fa-f]{2})*")
NUMBER = re.compile(rb"[0-9]{1,18}")
CURSOR = re.compile(rb"[0-9a-fA-F]{32}")
MAXIMUM_SECONDS, MAXIMUM_LIMIT, MAXIMUM_TAGS = 4_294_967_295, 10_000, 64

TAG = rb'(?:W/)?"[!#-~\x80-\xff]*"'
SPACE = rb"[ \t]*"
TAGS = re.compile(
    rb"[ \t,]*(?:(?:\*|" + TAG + rb"(?:" + SPACE + rb",[ \t,]*" + TAG + rb")*)" + SPACE
    + rb"(?:,[ \t,]*)?)?")
OWN_TAG = re.compile(rb'"[0-9a-fA-F]{32}(?:-raw)?"')

ETAG = re.compile(rb'"[0-9a-f]{32}(?:-raw)?"')
TIME_TO_LIVE = re.compile(rb"[1-9][0-9]{0,9}")


def statuses(head):
    """The statuses that a request with this head may be answered with; it is one that must be answered."""
    path, query = parts(head.target)
    method = head.method
    # RFC 9110 §7.6.3: where it has come by is for the forwarder to judge.
    found = {508} if head.values(b"via") and (path == b"/kvs" or path == b"/readyz"
                                              or path.startswith(b"/kvs/")) else set()
    if path.startswith(b"/kvs/"):
        if method == b"OPTIONS":
            return {204}
        if method not in (b"GET", b"HEAD", b"PUT", b"DELETE"):
            return {405}
        return found | of_key(head, path[5:], query)
    if path == b"*" or not path:
        # A query without a path is nobody's.
        return {404} if method != b"OPTIONS" else {204, 404} if query else {204}
    if path not in (b"/kvs", b"/livez", b"/readyz", b"/metrics"):
        return {404}
    if method == b"OPTIONS":
        return {204}
    if method not in (b"GET", b"HEAD"):
        return {405}
    if path == b"/kvs":
        return found | of_list(query)
    return found | {200}


def parts(target):
    """The path and the query, without scheme and host."""
    if not target.startswith((b"/", b"*")):
        target = re.sub(rb"^[A-Za-z]+://[^/?]*", b"", target)
    path, _, query = target.partition(b"?")
    return path, query


def of_key(head, segment, query):
    if not ESCAPED.fullmatch(segment) or not KEY.fullmatch(unquote_to_bytes(segment)):
        return {400}
    if head.method == b"PUT" and not is_time_to_live_in_order(query):
        return {400}
    conditions = [condition(head, name) for name in (b"if-match", b"if-none-match")]
    may_fail = {412} if any(conditions) else set()
    # What is wrong with the body is told first.
    refused = {400, 413, 415} if head.method == b"PUT" else set()
    if "malformed" in conditions:
        return refused | {400}
    if "many" in conditions:
        refused |= {400}
    if head.method == b"PUT":
        return refused | may_fail | {200, 201}
    if head.method == b"DELETE":
        return refused | may_fail | {200, 404}
    return refused | {200, 404} | ({412} if conditions[0] else set()) | ({304} if conditions[1] else set())


def condition(head, name):
    """None where there is no such field, else "present", "malformed", or "many": perhaps too many tags."""
    values = head.values(name)
    if not values:
        return None
    # With the space nothing can be a tag across two fields.
    whole = b", ".join(values)
    if not TAGS.fullmatch(whole):
        return "malformed"
    own = [tag for tag in re.findall(TAG, whole) if OWN_TAG.fullmatch(tag.removeprefix(b"W/"))]
    # Which of them count depends on the form of the reply, and on weakness.
    return "present" if len(own) <= MAXIMUM_TAGS else "many"


def parameters(query):
    """Names and values, decoded; a value that is malformed or longer than any may be is None."""
    for text in query.split(b"&"):
        if text:
            name, _, value = text.partition(b"=")
            is_name = ESCAPED.fullmatch(name)
            decoded = unquote_to_bytes(value) if ESCAPED.fullmatch(value) else None
            yield (unquote_to_bytes(name) if is_name else None), decoded


def is_number(value, least, most):
    return bool(value and NUMBER.fullmatch(value) and least <= int(value) <= most)


def is_time_to_live_in_order(query):
    values = [value for name, value in parameters(query) if name == b"ttl"]
    return not values or len(values) == 1 and is_number(values[0], 1, MAXIMUM_SECONDS)


def of_list(query):
    given = list(parameters(query))
    names = [name for name, _ in given]
    if not set(names) <= {b"prefix", b"limit", b"cursor"} or len(set(names)) < len(names):
        return {400}
    values = dict(given)
    if None in values.values():
        return {400}
    if not PREFIX.fullmatch(values.get(b"prefix", b"")):
        return {400}
    if values.get(b"limit") and not is_number(values[b"limit"], 1, MAXIMUM_LIMIT):
        return {400}
    if not values.get(b"cursor"):
        return {200}
    # Only the server knows whether it is one of its own.
    return {200, 400} if CURSOR.fullmatch(values[b"cursor"]) else {400}


def fault(head, status, fields):
    """What is wrong with the fields of a reply to a request with this head; nothing where all is well."""
    tags, times = (fields.get(name, []) for name in (b"etag", b"kvs-ttl"))
    is_of_key = parts(head.target)[0].startswith(b"/kvs/")
    is_read = head.method in (b"GET", b"HEAD")
    has_value = is_of_key and status in (200, 201, 304) and head.method != b"DELETE"
    least, most = (1, 1) if has_value else (0, 1) if is_of_key and status == 412 else (0, 0)
    if not least <= len(tags) <= most or not all(ETAG.fullmatch(tag) for tag in tags):
        return f"{status} with ETag {tags}"
    if len(times) > (has_value and is_read) or not all(TIME_TO_LIVE.fullmatch(t) for t in times):
        return f"{status} with KVS-TTL {times}"
    if status == 304 and (fields.get(b"content-type") or fields.get(b"content-length")):
        return "304 with a type or a length"
    return None
