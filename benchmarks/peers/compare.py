"""Runs the workloads with the peers in Python that are installed, and prints one table of all.

    python compare.py [--ours FILE.json] [--threads N] [--results PEER=FILE ...] [--only TEXT]
"""

import argparse
import importlib.metadata
import json
import os
import pathlib
import platform
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent
PACKAGES = {
    "autograd": "autograd",
    "PyTorch": "torch",
    "torch.compile": "torch",
    "JAX": "jax",
}


def version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def environment(threads):
    """Every run compiles anew, so that the time to compile is seen."""
    limits = dict.fromkeys(
        ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"], str(threads)
    )
    flags = "--xla_cpu_multi_thread_eigen=false" if threads == 1 else ""
    return {
        **os.environ,
        **limits,
        "XLA_FLAGS": flags,
        "JAX_PLATFORMS": "cpu",
        "TORCHINDUCTOR_COMPILE_THREADS": "1",
        "TORCHINDUCTOR_FORCE_DISABLE_CACHES": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def measure(peer, name, options):
    """What measure.py found, {} if the workload is not for this peer, or why it failed."""
    command = [sys.executable, HERE / "measure.py", peer, name, str(options.threads)]
    try:
        run = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=options.limit,
            env=environment(options.threads),
        )
    except subprocess.TimeoutExpired:
        return {"problem": f"> {options.limit} s"}
    if run.returncode != 0:
        lines = run.stderr.strip().splitlines() or [f"exit code {run.returncode}"]
        print(f"{peer}, {name}: {lines[-1]}", file=sys.stderr)
        return {"problem": "failed"}
    return json.loads(run.stdout or "{}")


def measure_all(peer, names, options):
    results = {}
    for name in names:
        print(f"{peer}: {name}", file=sys.stderr)
        results[name] = measure(peer, name, options)
    return results


def read_ours(path):
    """From `programs --json`: the results of the library, and of the gradients by hand."""
    figures = json.loads(pathlib.Path(path).read_text()) if path else {}
    ours, by_hand = {}, {}
    for key, value in figures.items():
        name, _, what = key.rpartition(": ")
        if what == "seconds by hand":
            by_hand[name] = {"seconds": value}
        elif what in ("seconds", "value"):
            ours.setdefault(name, {})[what] = value
    return ours, by_hand


def read_lines(path):
    """From a peer in C++: one object a line, with its workload as `name`."""
    lines = pathlib.Path(path).read_text().splitlines()
    return {result["name"]: result for result in map(json.loads, lines)}


def is_wrong(result, ours):
    if "value" not in ours or "value" not in result:
        return False
    expected = ours["value"]
    return not abs(result["value"] - expected) <= result["tolerance"] * abs(expected)


def wrong_values(names, ours, columns):
    return [
        f"{peer}, {name}"
        for peer, results in columns.items()
        for name in names
        if is_wrong(results.get(name, {}), ours.get(name, {}))
    ]


def microseconds(seconds):
    return f"{seconds * 1e6:.3g}" if seconds < 1e-4 else f"{seconds * 1e6:,.0f}"


def cell(result, ours):
    """Microseconds, and how many times as long as ours."""
    if "problem" in result:
        return result["problem"]
    if "seconds" not in result:
        return "-"
    if is_wrong(result, ours):
        return f"wrong value: {result['value']:.9g}"
    ratio = f" ({result['seconds'] / ours['seconds']:.3g})" if "seconds" in ours else ""
    return microseconds(result["seconds"]) + ratio


def print_table(names, ours, columns):
    print("| workload | ours |", " | ".join(columns), "|")
    print("|---" * (2 + len(columns)) + "|")
    for name in names:
        mine = ours.get(name, {})
        cells = [microseconds(mine["seconds"]) if "seconds" in mine else "-"]
        cells += [cell(results.get(name, {}), mine) for results in columns.values()]
        print("|", " | ".join([name] + cells), "|")


def print_compile_times(columns):
    for peer in ("torch.compile", "JAX"):
        first = [result["first"] for result in columns.get(peer, {}).values() if "first" in result]
        if first:
            print(
                f"First call of {peer}, which compiles, in seconds: "
                f"{min(first):.2g} to {max(first):.2g}, together {sum(first):.3g}."
            )


def print_conditions(options, load):
    found = [f"Python {platform.python_version()}"]
    for package in dict.fromkeys([*PACKAGES.values(), "numpy"]):
        if version(package):
            found.append(f"{package} {version(package)}")
    print(
        f"\nMicroseconds for value and gradient; in brackets, divided by ours. "
        f"{options.threads} thread(s); {platform.processor() or platform.machine()}, "
        f"{os.cpu_count()} cores; {time.strftime('%d %B %Y')}; load before {load:.2f}.\n"
        + ", ".join(found)
        + "."
    )


def parse():
    parser = argparse.ArgumentParser(description="One table of all peers that are installed.")
    parser.add_argument("--ours", help="file that benchmarks/programs wrote with --json")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--results", action="append", default=[], metavar="PEER=FILE")
    parser.add_argument("--only", default="", help="workloads whose name contains this")
    parser.add_argument("--peers", default=",".join(PACKAGES), help="by commas (%(default)s)")
    parser.add_argument("--limit", type=int, default=120, help="seconds for each (%(default)s)")
    return parser.parse_args()


def workload_names(options, ours):
    """Those of ours alone, if no peer in Python can run."""
    if version("numpy"):
        from measure import WORKLOADS as names
    else:
        names = ours
    return [name for name in names if options.only in name]


def main():
    options, load = parse(), os.getloadavg()[0]
    cores = sorted(os.sched_getaffinity(0))[: options.threads]
    os.sched_setaffinity(0, cores)
    ours, by_hand = read_ours(options.ours)
    names = workload_names(options, ours)
    columns = {"by hand": by_hand}
    for peer in options.peers.split(","):
        if version(PACKAGES[peer]):
            columns[peer] = measure_all(peer, names, options)
        else:
            print(f"{peer}: not installed: skipped")
    for peer, path in (text.split("=", 1) for text in options.results):
        columns[peer] = read_lines(path)
    print_table(names, ours, columns)
    print_compile_times(columns)
    print_conditions(options, load)
    wrong = wrong_values(names, ours, columns)
    if wrong:
        sys.exit("Values differ from ours: " + "; ".join(wrong))


if __name__ == "__main__":
    main()
