"""The system calls that an answer may not make: a filter for `bwrap --seccomp`.

Namespaces shut an answer in; this closes what they leave open. A new user namespace would make it
root there, with file systems in memory of any size; memory files and System V segments are memory
that no process is charged for; sockets of other families than UNIX may reach beyond the network
namespace (a virtual machine's host by AF_VSOCK).
"""

import errno
import platform
import struct

# name: its number on x86_64 and on aarch64; asm/unistd.h of Linux 6
REFUSED = {
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "unshare": (272, 97),
    "setns": (308, 268),
    "ptrace": (101, 117),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
}
CLONE, CLONE3, SOCKET = (56, 220), (435, 435), (41, 198)
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column above, audit number
NEW_NAMESPACE, AF_UNIX = 0x7E020000, 1
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data
LOAD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL, REFUSE = 0x7FFF0000, 0x80000000, 0x00050000


def known() -> bool:
    """Tell whether this machine's system calls are in the table."""
    return platform.machine() in MACHINES


def program() -> bytes:
    """Return the filter of this machine in the kernel's form, 8 bytes an instruction.

    >>> len(program()) % 8
    0
    """
    column, architecture = MACHINES[platform.machine()]
    code = [(LOAD, 0, 0, ARCHITECTURE), (JUMP_EQUAL, 1, 0, architecture), (RETURN, 0, 0, KILL)]
    code += [(LOAD, 0, 0, NUMBER), (JUMP_AT_LEAST, 0, 1, 0x40000000), (RETURN, 0, 0, KILL)]
    refused = {numbers[column]: errno.EPERM for numbers in REFUSED.values()}
    refused[CLONE3[column]] = errno.ENOSYS  # its flags cannot be read; clone's can
    for number, error in refused.items():
        code += [(JUMP_EQUAL, 0, 1, number), (RETURN, 0, 0, REFUSE | error)]
    refuse = (RETURN, 0, 0, REFUSE | errno.EPERM)
    allow = (RETURN, 0, 0, ALLOW)
    flags, family = (LOAD, 0, 0, FIRST_ARGUMENT), (LOAD, 0, 0, FIRST_ARGUMENT)
    code += [(JUMP_EQUAL, 0, 4, CLONE[column]), flags, (JUMP_ANY_BIT, 0, 1, NEW_NAMESPACE)]
    code += [refuse, allow]
    code += [(JUMP_EQUAL, 0, 4, SOCKET[column]), family, (JUMP_EQUAL, 1, 0, AF_UNIX)]
    code += [refuse, allow, allow]
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in code)
