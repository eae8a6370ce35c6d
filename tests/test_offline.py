"""The notebooks' kernels under test reach this machine and nothing else."""

import os
import subprocess
import sys

import pytest

from tests.support import ROOT

ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT / "tests" / "offline")}


def run(code):
    return subprocess.run(
        [sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True
    )


@pytest.mark.parametrize(
    "code",
    [
        "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)",
        "import socket; socket.socket().connect_ex(('192.0.2.1', 80))",
        "import socket; socket.getaddrinfo('example.org', 80)",
        "import urllib.request; urllib.request.urlopen('http://example.org', timeout=1)",
    ],
)
def test_a_connection_to_elsewhere_is_refused(code):
    result = run(code)
    assert result.returncode != 0
    assert "the course runs offline" in result.stderr


def test_loopback_works():
    code = (
        "import socket; s = socket.create_server(('127.0.0.1', 0)); "
        "socket.create_connection(s.getsockname()).close()"
    )
    assert run(code).returncode == 0
