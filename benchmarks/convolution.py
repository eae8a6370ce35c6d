"""A training step of week 12's network, batch 128: memory layouts, and bfloat16 if it is had."""

from collections.abc import Callable, Iterator

import torch
from torch import nn

from benchmarks.timing import Row, compare

BATCH, WIDTHS = 128, ((1, 16), (16, 32), (32, 64), (64, 64))


def rows() -> Iterator[Row]:
    """Compare the step of the notebook (channels last, float32) with the other ways, one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    note = f"batch {BATCH}, one thread, {torch.backends.cpu.get_cpu_capability()}"
    ours = step(channels_last=True, bfloat16=False)
    ways = {"channels first, float32": step(channels_last=False, bfloat16=False)}
    if has_bfloat16():
        ways["channels first, bfloat16"] = step(channels_last=False, bfloat16=True)
        ways["channels last, bfloat16"] = step(channels_last=True, bfloat16=True)
    else:
        note += "; no bfloat16 on this processor"
    try:
        for name, way in ways.items():
            yield compare("step of week 12's network, channels last", ours, way, name, 7, note)
    finally:
        torch.set_num_threads(threads)


def has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 in hardware, as far as Linux or torch tell."""
    try:
        with open("/proc/cpuinfo", encoding="ascii") as file:
            flags = file.read()
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags


def step(channels_last: bool, bfloat16: bool) -> Callable[[], None]:
    """Return one step of stochastic gradient descent on a fixed random batch."""
    torch.manual_seed(0)
    layers: list[nn.Module] = []
    for number, (i, o) in enumerate(WIDTHS):
        layers += [nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU()]
        layers += [] if number == 2 else [nn.MaxPool2d(2)]
    net = nn.Sequential(*layers, nn.Flatten(), nn.Dropout(0.3), nn.Linear(576, 10))
    x, y = torch.randn(BATCH, 1, 28, 28), torch.randint(10, (BATCH,))
    if channels_last:
        net = net.to(memory_format=torch.channels_last)
        x = x.contiguous(memory_format=torch.channels_last)
    sgd = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, nesterov=True)

    def run() -> None:
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            loss = nn.functional.cross_entropy(net(x), y)
        sgd.zero_grad()
        loss.backward()
        sgd.step()

    return run
