"""A forwarder that might take itself for the main."""

from answer import fault_of_failure
from client import Client
from promises import DEFAULT_CONNECT, SLACK, check_faults
from shapes import shape
from sockets import sockets_around

# Few enough for a connection's own port to be the main's every now and then.
FIRST, LAST = 40000, 40007
PORT = 40002
# Of the clients: outside of that range, since they share its ports otherwise.
CLIENT_PORT = 20001
TRIES = 400


@shape("self-connect", "the main's port is an ephemeral one of this machine, nobody listens there",
       covers="D18")
def self_connect(lab):
    lab.here.set("ipv4/ip_local_port_range", f"{FIRST} {LAST}")
    lab.there = lab.here
    forwarder = lab.start_forwarder(f"127.0.0.1:{PORT}")
    client = Client(forwarder.address, CLIENT_PORT)
    faults = [fault_of_failure(client.ask("PUT"), "PUT", DEFAULT_CONNECT + SLACK, ("not-sent",))
              for _ in range(TRIES)]
    check_faults(lab, f"{TRIES} writes: each is refused, and none is sent", faults)
    held = [s for s in sockets_around() if s.local_port == PORT]
    lab.check("nobody holds the main's port", not held,
              f"{len(held)} sockets on it, states {sorted({s.state for s in held})}")
    try:
        lab.start_main("127.0.0.1", PORT)
    except RuntimeError as error:
        lab.check("the main can begin there at once", False, str(error)[:160])
        return
    seconds = client.seconds_until_answered(5, "PUT")
    lab.check("the main can begin there at once, and is noticed", seconds is not None,
              "never" if seconds is None else f"after {seconds:.2f} s")
