"""What the checks share: each prints what holds, and all that does not ends the program with status 1."""

import re
import sys


class Checks:
    def __init__(self):
        self._failed = 0

    def that(self, holds, what, seen=""):
        """Prints `what`, and where it does not hold what was seen instead."""
        if holds:
            print(f"ok      {what}")
        else:
            self._failed += 1
            print(f"FAILED  {what}" + (f": {seen}" if seen != "" else ""))
        return holds

    def end(self):
        sys.exit(1 if self._failed else 0)


def defaults_of_settings(path):
    """The defaults of the settings, as the tables of docs/limits.md have them."""
    row = re.compile(r"\| `([A-Z_]+)` \| `--[a-z-]+` \| ([^|]+?) \|")
    with open(path, encoding="utf-8") as document:
        defaults = dict(match.groups() for match in map(row.match, document) if match)
    if "KVS_SHUTDOWN_TIMEOUT" not in defaults:
        sys.exit(f"{path}: no table of settings in the form that is expected")
    return defaults


def seconds(text):
    """A time in whole seconds, as settings and units have it: `5s`, `20`."""
    match = re.fullmatch(r"(\d+)(?:s|sec)?", text)
    if not match:
        sys.exit(f"'{text}' is no time in whole seconds")
    return int(match[1])


# What the program takes for itself when a stop has not ended within KVS_SHUTDOWN_TIMEOUT (docs/limits.md).
GIVE_UP_SECONDS = 10
