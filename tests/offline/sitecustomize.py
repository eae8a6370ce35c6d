"""On a notebook kernel's path while it is tested: no socket leaves this machine."""

import ipaddress
import os
import socket


def _is_loopback(address) -> bool:
    if not isinstance(address, tuple):
        return True  # a Unix socket
    host = str(address[0])
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refusing(call):
    def wrapped(self, address, *rest):
        if not _is_loopback(address):
            raise OSError(f"the course runs offline: a connection to {address} was refused")
        return call(self, address, *rest)

    return wrapped


for _name in ("connect", "connect_ex"):
    setattr(socket.socket, _name, _refusing(getattr(socket.socket, _name)))


def _lookup(host, *rest, _real=socket.getaddrinfo, **options):
    if host not in (None, "", "localhost") and not _is_loopback((host,)):
        raise OSError(f"the course runs offline: a look-up of {host} was refused")
    return _real(host, *rest, **options)


socket.getaddrinfo = _lookup

if os.environ.get("COURSE_ACCEPTED"):
    from tests import unusual

    unusual.install()
