"""Ten gradients with PyTorch, and what memory the process had for them: as memory.cpp.

    python memory.py WORKLOAD
"""

import ctypes
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "peers"))

import formulas
import models
from libraries import library

# What builds the problem; arguments of the whole workload and of a small one.
WORKLOADS = {
    "restoration": (formulas.whole_restoration, (1024, 768), (16, 16)),
    "perceptron": (models.perceptron, (512,), (4,)),
}


def megabytes(line):
    """A line of /proc/self/status."""
    for words in map(str.split, pathlib.Path("/proc/self/status").read_text().splitlines()):
        if words[0] == line + ":":
            return int(words[1]) * 1024 / 1e6


def forget_peak():
    """From here on VmHWM is the largest since now."""
    ctypes.CDLL(None).malloc_trim(0)
    pathlib.Path("/proc/self/clear_refs").write_text("5")


def main(name):
    build, whole, small = WORKLOADS[name]
    lib = library("PyTorch", 1)
    loaded = megabytes("VmRSS")
    lib.prepare(build(lib, *small))()
    work = lib.prepare(build(lib, *whole))
    forget_peak()
    before = megabytes("VmHWM")
    for _ in range(10):
        value = float(work()[0])
    peak = megabytes("VmHWM")
    print(
        f"| {name} | PyTorch {lib.torch.__version__} | {loaded:.1f} | {before:.1f} "
        f"| {peak - before:.1f} | {peak:.1f} | {value:.6g} |"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
