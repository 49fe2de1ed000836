#!/usr/bin/env python3
"""Times the programs of this folder on the inputs of the suite, beside peers with the same form.

    run.py --inputs DIRECTORY [--build build/bench] [--seconds 0.3] [--only lse gmm] [--most 100000]
           [--jax PYTHON] [--torch PYTHON] [--peer NAME=FOLDER]... [--baseline NAME]
    run.py --compare [--build build/bench] [--only lse gmm] [--jax PYTHON] ...

--inputs is what inputs.py wrote. --jax and --torch name a Python that has JAX and PyTorch; --peer a
folder of programs, such as tools/manual/bin or tools/codipack/bin of a built checkout of the suite.
Prints, for each evaluation, the time of a derivative divided by that of the hand-written function
of this folder, as geometric mean over the inputs, and what each of them took. All programs use one
thread. Derivatives are compared with ours; one that differs by more than 1e-6 is marked with !.

--compare times nothing: it prints by how much values and derivatives for the small inputs in tiny/
differ from ours, and fails if one differs by more than 1e-9.
"""

import argparse
import json
import math
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
FUNCTIONS = {
    "lse": ("primal", "gradient"),
    "llsq": ("primal", "gradient"),
    "kmeans": ("cost", "dir"),
    "gmm": ("objective", "jacobian"),
    "lstm": ("objective", "jacobian"),
    "ode": ("primal", "gradient"),
    "ba": ("objective", "jacobian"),
    "ht": ("objective", "jacobian"),
    "det": ("primal", "gradient"),
    "particle": (None, "rr"),
    "saddle": (None, "rr"),
}


def numbers(value):
    if isinstance(value, dict):
        return [x for key in sorted(value) for x in numbers(value[key])]
    if isinstance(value, list):
        return [x for each in value for x in numbers(each)]
    return [float(value)]


def error(value, expected):
    """The largest difference, divided by the largest of the expected numbers."""
    a, b = numbers(value), numbers(expected)
    if len(a) != len(b):
        return math.inf
    difference = max((abs(x - y) if x == x else math.inf for x, y in zip(a, b)), default=0)
    return difference / max(map(abs, b)) if difference else 0.0


def run(options, command, input_file, function):
    """The result and the least time in milliseconds; nothing if the program does not know it."""
    environment = os.environ | {
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    }
    command = shlex.split(options.prefix) + command + [str(input_file), function]
    done = subprocess.run(command, env=environment, text=True, capture_output=True)
    if done.returncode != 0:
        print(f"{shlex.join(command)}: {done.stderr[-300:]}", file=sys.stderr)
        return None
    lines = done.stdout.splitlines()
    times = [json.loads(line) for line in lines[1:]]
    times = [time["nanoseconds"] for time in times if time["name"] == "evaluate"]
    return json.loads(lines[0]), min(times) / 1e6


def mean(ratios):
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


def peers_of(options, name):
    ours = [str(options.build / "benchmarks/gradbench" / name)]
    peers = {"ours": ours}
    for peer in options.peer:
        label, folder = peer.split("=", 1)
        if (pathlib.Path(folder) / name).exists():
            peers[label] = [str(pathlib.Path(folder) / name)]
    for label, python in (("jax", options.jax), ("torch", options.torch)):
        if python and name not in ("particle", "saddle"):
            peers[label] = [python, str(HERE / f"{label}_programs.py"), name]
    return peers


def evaluate(options, name):
    primal, derivative = FUNCTIONS[name]
    ratios, times = {}, []
    with tempfile.TemporaryDirectory() as folder:
        for file in sorted((options.inputs / name).glob("*.json")):
            content = json.loads(file.read_text())
            content |= {"min_runs": 3, "min_seconds": options.seconds}
            timed = pathlib.Path(folder) / file.name
            timed.write_text(json.dumps(content))
            peers = peers_of(options, name)
            row = {"input": file.stem}
            if primal:
                by_hand = run(options, peers[options.baseline], timed, primal)[1]
                if by_hand > options.most:
                    break
                row["by hand"] = by_hand
            expected = None
            for label, command in peers.items():
                result = run(options, command, timed, derivative)
                if result is None:
                    continue
                value, row[label] = result
                expected = value if expected is None else expected
                if not error(value, expected) <= 1e-6:
                    row[label + "!"] = row.pop(label)
                    label += "!"
                ratios.setdefault(label, []).append(row[label] / row.get("by hand", 1))
            times.append(row)
            print(f"{name} " + "  ".join(
                f"{key} {cell:.4g}" if isinstance(cell, float) else cell
                for key, cell in row.items()), flush=True)
    return {label: mean(each) for label, each in ratios.items()}, times


def compare(options, name):
    """Prints the errors of all peers; whether all are small."""
    small = True
    for function in filter(None, FUNCTIONS[name]):
        peers = peers_of(options, name)
        results = {
            label: run(options, command, HERE / "tiny" / f"{name}.json", function)
            for label, command in peers.items()
        }
        errors = {
            label: error(result[0], results["ours"][0]) if result else math.inf
            for label, result in results.items()
        }
        small = small and all(each <= 1e-9 for each in errors.values())
        print(f"{name} {function}  " + "  ".join(f"{k} {v:.2g}" for k, v in errors.items()))
    return small


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=pathlib.Path)
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parents[1] / "build/bench")
    parser.add_argument("--seconds", type=float, default=0.3, help="for each timing, at least")
    parser.add_argument("--most", type=float, default=200,
                        help="leave out inputs whose function takes more milliseconds by hand")
    parser.add_argument("--only", nargs="*", choices=FUNCTIONS, help="evaluations")
    parser.add_argument("--jax", help="a Python that has JAX")
    parser.add_argument("--torch", help="a Python that has PyTorch")
    parser.add_argument("--peer", action="append", default=[], help="NAME=FOLDER of programs")
    parser.add_argument("--baseline", default="ours", metavar="NAME",
                        help="the peer whose function by hand the derivatives are divided by")
    parser.add_argument("--prefix", default="", help="before each command, such as 'taskset -c 1'")
    parser.add_argument("--compare", action="store_true", help="results, instead of times")
    parser.add_argument("--json", type=pathlib.Path, help="write all figures to this file")
    options = parser.parse_args()
    names = options.only or FUNCTIONS
    if options.compare:
        sys.exit(0 if all([compare(options, name) for name in names]) else 1)
    if options.inputs is None:
        parser.error("--inputs is missing")
    table, details = {}, {}
    for name in names:
        table[name], details[name] = evaluate(options, name)
    labels = list(dict.fromkeys(label for row in table.values() for label in row))
    print("\n| derivative / function by hand | " + " | ".join(labels) + " |")
    print("|---" * (len(labels) + 1) + "|")
    for name, row in table.items():
        unit = "" if FUNCTIONS[name][0] else " (ms)"
        cells = [f"{row[label]:.3g}" if label in row else "-" for label in labels]
        print(f"| {name}{unit} | " + " | ".join(cells) + " |")
    if options.json:
        options.json.write_text(json.dumps({"ratios": table, "milliseconds": details}, indent=1))


if __name__ == "__main__":
    main()
