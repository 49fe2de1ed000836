#!/usr/bin/env python3
"""Times the programs of this folder on the inputs of the suite, beside peers with the same form.

    run.py --inputs DIRECTORY [--build build/bench] [--seconds 0.3] [--only lse gmm] [--most 100000]
           [--jax PYTHON] [--peer NAME=FOLDER]... [--baseline NAME]

--inputs is what inputs.py wrote. --jax names a Python that has JAX; --peer a folder of programs, such
as tools/manual/bin or tools/codipack/bin of a built checkout of the suite. Prints, for each
evaluation, the time of a derivative divided by that of the hand-written function of this folder, as
geometric mean over the inputs, and what each of them took. All programs use one thread. Derivatives
are compared with ours; one that differs by more than 1e-6 is marked with !.
"""

import argparse
import json
import math
import os
import pathlib
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


def differs(value, expected):
    a, b = numbers(value), numbers(expected)
    if len(a) != len(b):
        return True
    scale = max(map(abs, b), default=0)
    return any(not abs(x - y) <= 1e-6 * scale for x, y in zip(a, b))


def run(command, input_file, function):
    """The result and the least time in milliseconds; nothing if the program does not know it."""
    environment = os.environ | {
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    }
    done = subprocess.run(command + [str(input_file), function], env=environment, text=True,
                          capture_output=True)
    if done.returncode != 0:
        print(f"{command[-1]} {input_file.name} {function}: {done.stderr[-300:]}", file=sys.stderr)
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
    if options.jax and name in ("lse", "llsq", "ode", "gmm", "kmeans", "lstm"):
        peers["jax"] = [options.jax, str(HERE / "jax_programs.py"), name]
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
                by_hand = run(peers[options.baseline], timed, primal)[1]
                if by_hand > options.most:
                    break
                row["by hand"] = by_hand
            expected = None
            for label, command in peers.items():
                result = run(command, timed, derivative)
                if result is None:
                    continue
                value, row[label] = result
                expected = value if expected is None else expected
                if differs(value, expected):
                    row[label + "!"] = row.pop(label)
                    label += "!"
                ratios.setdefault(label, []).append(row[label] / row.get("by hand", 1))
            times.append(row)
            print(f"{name} " + "  ".join(
                f"{key} {cell:.4g}" if isinstance(cell, float) else cell
                for key, cell in row.items()), flush=True)
    return {label: mean(each) for label, each in ratios.items()}, times


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parents[1] / "build/bench")
    parser.add_argument("--seconds", type=float, default=0.3, help="for each timing, at least")
    parser.add_argument("--most", type=float, default=200,
                        help="leave out inputs whose function takes more milliseconds by hand")
    parser.add_argument("--only", nargs="*", choices=FUNCTIONS, help="evaluations")
    parser.add_argument("--jax", help="a Python that has JAX")
    parser.add_argument("--peer", action="append", default=[], help="NAME=FOLDER of programs")
    parser.add_argument("--baseline", default="ours", metavar="NAME",
                        help="the peer whose function by hand the derivatives are divided by")
    parser.add_argument("--json", type=pathlib.Path, help="write all figures to this file")
    options = parser.parse_args()
    table, details = {}, {}
    for name in options.only or FUNCTIONS:
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
