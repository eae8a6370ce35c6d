"""Time, memory, processes, output; all but the first exercise keep their marks."""

from tests.hostile.case import ALL, ORDER, RIGHT, call, first

SWALLOWS = """
n = 0
while True:
    try:
        while True:
            n += 1
    except BaseException:
        n = 0
"""
BOMB = """
while True:
    try:
        os.fork()
    except OSError:
        pass
"""
HEIRS = """
for _ in range(4):
    if os.fork() == 0:
        hoard = b"1" * (5 * 2**29)
        time.sleep(60)
time.sleep(60)
"""
RAW = """
for descriptor in range(1, 256):
    try:
        for _ in range(2**10):
            os.write(descriptor, b"x" * 2**20)
    except OSError:
        pass
"""
SLOW = f"""
import time
{RIGHT[ORDER]}
quick, count = topological_order, iter(range(9))
def topological_order(root, parents):
    time.sleep(0 if next(count) < 5 else 60)
    return quick(root, parents)
"""
CANNOT = "could not be stopped in time and was ended with its process"
RESOURCES = {
    "endless_loop": first("while True:\n    pass", r"ran for more than 2 s"),
    "endless_call": first(call("while True:\n    pass"), r"0 of 9 .* Stopped after 2 s"),
    "swallows_the_alarm": first(call(SWALLOWS), CANNOT),
    "one_long_c_call": first(call("sum(itertools.repeat(1))", "import itertools"), CANNOT),
    "catastrophic_regex": first(
        call("re.match('(a+)+$', 'a' * 50 + 'b')", "import re"), r"Stopped after 2 s"
    ),
    "fork_bomb": first("import os\nwhile True: os.fork()", r"16 processes|raised BlockingIO"),
    "stubborn_fork_bomb": first(call(BOMB, "import os"), r"more than 16 processes"),
    "ten_gigabytes": first("hoard = bytearray(10 * 2**30)", r"raised MemoryError"),
    "ten_gigabytes_by_heirs": first(call(HEIRS, "import os, time"), r"4 GiB|Stopped after 2 s"),
    "memory_files": first(call("os.memfd_create('hoard')", "import os"), r"raised PermissionError"),
    "prints_a_gigabyte": first(
        call("while True: print('x' * 2**20)"), r"0 of 9 .* Stopped after 2 s"
    ),
    "writes_a_gigabyte": first(call(RAW, "import os"), r"more than 64 MiB"),
    "returns_a_gigabyte": first(
        call("return list(range(2**30))"), r"MemoryError|64 MiB|Stopped after 2 s"
    ),
    "a_million_events": first(
        call(RAW.replace('b"x" * 2**20', "b'[\"\",1]\\n' * 2**17"), "import os"), r"64 MiB"
    ),
    "os_exit": first("import os\nos._exit(0)", r"The answer ended its process"),
    "sys_exit": first("import sys\nsys.exit()", r"raised SystemExit"),
    "kills_itself": first(call("os.kill(os.getpid(), 9)", "import os"), r"ended its process"),
    "right_but_slow": first(SLOW, r"5 of 9 .* Stopped after 2 s", ALL | {ORDER: 5.56}),
}
