#!/usr/bin/python3
"""Runs a program as a unit of systemd lets it: under the filter of system calls that the unit asks for.

usage: under_filter.py UNIT PROGRAM [ARGUMENT…]

Takes SystemCallFilter=, RestrictAddressFamilies=, MemoryDenyWriteExecute= and RestrictNamespaces= from UNIT;
what the groups of calls hold says `systemd-analyze syscall-filter`. What is refused is EPERM, as the unit must
have it. Needs Debian's python3-seccomp, and so Debian's own Python."""

import errno
import mmap
import os
import socket
import subprocess
import sys

import seccomp
from seccomp import ALLOW, EQ, ERRNO, MASKED_EQ, Arg

# CLONE_NEWNS, -CGROUP, -UTS, -IPC, -USER, -PID, -NET, -TIME (sched.h).
NAMESPACES = 0x20000 | 0x2000000 | 0x4000000 | 0x8000000 | 0x10000000 | 0x20000000 | 0x40000000 | 0x80


def values_of(unit):
    """The settings of the unit, each with the values of its lines."""
    values = {}
    with open(unit, encoding="utf-8") as file:
        for line in file:
            name, equals, value = line.strip().partition("=")
            if equals and not line.startswith(("#", ";")):
                values.setdefault(name, []).append(value)
    return values


def calls_of(entry):
    """The calls of a group, or the one that the entry names."""
    if not entry.startswith("@"):
        return {entry}
    listing = subprocess.run(["systemd-analyze", "syscall-filter", entry], check=True, capture_output=True,
                             text=True)
    entries = [line.strip() for line in listing.stdout.splitlines()[1:]]
    return set().union(*(calls_of(entry) for entry in entries if entry and not entry.startswith("#")))


def allowed_calls(lines):
    """What the lines of SystemCallFilter= leave: those with ~ take from the ones before."""
    # Always allowed in such a list (systemd.exec).
    allowed = calls_of("@default")
    for line in lines:
        calls = set().union(*map(calls_of, line.removeprefix("~").split()))
        allowed = allowed - calls if line.startswith("~") else allowed | calls
    return allowed


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    values = values_of(sys.argv[1])
    for name, wanted in {"SystemCallErrorNumber": "EPERM", "MemoryDenyWriteExecute": "yes",
                         "RestrictNamespaces": "yes", "NoNewPrivileges": "yes"}.items():
        if values.get(name) != [wanted]:
            sys.exit(f"{sys.argv[1]}: {name}={wanted} is expected, not {values.get(name)}")
    rules = {
        "socket": [[Arg(0, EQ, getattr(socket, family))]
                   for family in values["RestrictAddressFamilies"][0].split()],
        "mmap": [[Arg(2, MASKED_EQ, mmap.PROT_WRITE | mmap.PROT_EXEC, bits)]
                 for bits in (0, mmap.PROT_WRITE, mmap.PROT_EXEC)],
        "mprotect": [[Arg(2, MASKED_EQ, mmap.PROT_EXEC, 0)]],
        "pkey_mprotect": [[Arg(2, MASKED_EQ, mmap.PROT_EXEC, 0)]],
        "clone": [[Arg(0, MASKED_EQ, NAMESPACES, 0)]],
        # Its flags are in memory, where no filter can look: systemd answers ENOSYS, and clone is used.
        "clone3": [],
        "unshare": [],
        "setns": [],
    }
    filter_ = seccomp.SyscallFilter(ERRNO(errno.EPERM))
    for call in allowed_calls(values["SystemCallFilter"]):
        # Some are calls of other machines.
        if seccomp.resolve_syscall(seccomp.Arch(), call) < 0:
            continue
        for arguments in rules.get(call, [[]]):
            filter_.add_rule(ALLOW, call, *arguments)
    filter_.add_rule(ERRNO(errno.ENOSYS), "clone3")
    filter_.load()
    os.execv(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
