"""What the kernel knows of the TCP sockets in a process's network."""

ESTABLISHED, SYN_SENT, LISTEN = 0x01, 0x02, 0x0A


class Socket:
    def __init__(self, line):
        _, local, remote, state, queues = line.split()[:5]
        self.local_port = int(local.split(":")[1], 16)
        self.remote_port = int(remote.split(":")[1], 16)
        self.state = int(state, 16)
        self.unsent_bytes = int(queues.split(":")[0], 16)


def sockets_around(pid="thread-self"):
    """All IPv4 ones, of whatever process, in the network that process `pid` is in."""
    with open(f"/proc/{pid}/net/tcp", encoding="ascii") as file:
        return [Socket(line) for line in file.readlines()[1:]]


def connections_to(port, state=ESTABLISHED):
    """How many there are here."""
    return sum(s.remote_port == port and s.state == state for s in sockets_around())
