"""A network interface whose packets a program carries."""

import fcntl
import os
import struct

TUNSETIFF = 0x400454CA
IFF_TUN = 0x0001
# Nothing in front of the IP packet.
IFF_NO_PI = 0x1000


def open_tun(namespace, name, *addresses):
    """Makes the interface `name` in `namespace`. Returns its other end, a descriptor: one packet
    for each read and write."""
    with namespace.entered():
        descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        fcntl.ioctl(descriptor, TUNSETIFF,
                    struct.pack("16sH22x", name.encode("ascii"), IFF_TUN | IFF_NO_PI))
    namespace.ip(
        "link set lo up",
        # What the kernel drops for want of room would be a loss that no shape asks for.
        f"link set {name} txqueuelen 20000 up",
        *(f"address add {address} dev {name}" for address in addresses))
    return descriptor
