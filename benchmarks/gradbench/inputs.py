#!/usr/bin/env python3
"""Writes the inputs of the suite as JSON files: inputs.py DIRECTORY [--tiny] [--suite CHECKOUT].

Sizes, seeds and distributions are those of https://github.com/gradbench/gradbench. Three evaluations
read data files of the suite; without a checkout of it, data of the same form are drawn: a text, a
camera that sees a point, and a hand of 22 bones.
"""

import argparse
import json
import math
import pathlib

import numpy as np

SEED = 31337


def lse(tiny):
    np.random.seed(SEED)
    for n in [7] if tiny else [2500 * 2**i for i in range(10)]:
        yield f"n={n}", {"x": np.random.rand(n).tolist()}


def llsq(tiny):
    np.random.seed(SEED)
    m = 4 if tiny else 128
    for n in [9] if tiny else [16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8196, 16392]:
        yield f"n={n}", {"x": np.random.rand(m).tolist(), "n": n}


def ode(tiny):
    np.random.seed(SEED)
    sizes = [(n, s) for n in [1000, 10000, 100000] for s in [1, 10, 100]]
    for n, s in [(5, 3)] if tiny else sorted(sizes, key=lambda size: size[0] * size[1]):
        yield f"n={n},s={s}", {"x": np.random.rand(n).tolist(), "s": s}


def gmm(tiny):
    sizes = [(d, k) for d in [2, 10, 20, 32, 64] for k in [5, 10, 25, 50, 100]]
    n = 6 if tiny else 1000
    for d, k in [(3, 2)] if tiny else sorted(sizes, key=lambda size: size[0] * size[1]):
        rng = np.random.default_rng(seed=SEED)
        yield f"d={d},k={k}", {
            "d": d,
            "k": k,
            "n": n,
            "x": [rng.normal(size=d).tolist() for _ in range(n)],
            "m": 0,
            "gamma": 1.0,
            "alpha": rng.normal(size=k).tolist(),
            "mu": [rng.uniform(size=d).tolist() for _ in range(k)],
            "q": [rng.normal(size=d).tolist() for _ in range(k)],
            "l": [rng.normal(size=d * (d - 1) // 2).tolist() for _ in range(k)],
        }


def kmeans(tiny):
    np.random.seed(SEED)
    sizes = [(k, n, d) for k in [10, 100, 1000] for n in [1000, 10000] for d in [8, 16]]
    for k, n, d in [(3, 20, 2)] if tiny else sorted(sizes, key=lambda size: math.prod(size)):
        points = np.random.rand(n, d).tolist()
        yield f"k={k},n={n},d={d}", {"points": points, "centroids": points[-k:]}


def lstm(tiny, suite):
    np.random.seed(SEED)
    sizes = [(l, c) for l in [2, 4, 6] for c in [1024, 4096, 8192]]
    file = suite / "evals/lstm/data/lstm_full.txt" if suite else None
    if file and file.exists():  # many megabytes, left out of some copies
        text = file.read_text(encoding="utf8")
    else:
        text = "".join(map(chr, np.random.randint(32, 127, size=8192)))
    for layers, count in [(2, 5)] if tiny else sorted(sizes, key=lambda size: math.prod(size)):
        part = text[:count]
        bits = math.ceil(math.log2(max(map(ord, part))))
        yield f"l={layers},c={count}", {
            "main_params": np.random.random((2 * layers, 4 * bits)).tolist(),
            "extra_params": np.random.random((3, bits)).tolist(),
            "state": np.random.random((2 * layers, bits)).tolist(),
            "sequence": [[int(bit) for bit in f"{ord(c):0{bits}b}"] for c in part],
        }


def det(tiny):
    np.random.seed(SEED)
    for size in [4] if tiny else [5, 6, 7, 8, 9, 10, 11]:
        yield f"{size}", {"A": np.random.rand(size * size).tolist(), "ell": size}


# Cameras, points and observations of the first ones of the suite.
BA_SIZES = [(49, 7776, 31843), (21, 11315, 36455), (161, 48126, 182072), (372, 47423, 204472),
            (257, 65132, 225911), (539, 65220, 277273), (93, 61203, 287451), (88, 64298, 383937)]


def ba(tiny, suite):
    rng = np.random.default_rng(seed=SEED)
    for i, (n, m, p) in enumerate([(2, 3, 12)] if tiny else BA_SIZES):
        if suite and not tiny:
            file = next((suite / "evals/ba/data").glob(f"ba{i + 1}_*.txt"))
            lines = [[float(x) for x in line.split()] for line in file.read_text().splitlines()]
            cam, x, (w,), feat = lines[1:5]
        else:
            cam = np.concatenate([rng.normal(0, 0.1, 3), rng.normal(0, 0.5, 3), [500.0],
                                  rng.normal(0, 1, 2), rng.normal(0, 0.01, 2)]).tolist()
            x, w, feat = [0.3, -0.2, 5.0], 0.9, rng.normal(0, 50, 2).tolist()
        yield f"{i + 1}", {"n": n, "m": m, "p": p, "cam": cam, "x": x, "w": w, "feat": feat}


def rigid(rng, distance):
    """A rotation and a shift, as a 4 x 4 matrix."""
    q, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    result = np.eye(4)
    result[:3, :3] = q * np.sign(np.linalg.det(q))
    result[:3, 3] = rng.normal(0, distance, 3)
    return result


def drawn_hand(rng, vertices):
    bones = 22
    parents = [-1, 0] + [max(0, bone - 1) if (bone - 2) % 4 else 0 for bone in range(2, bones)]
    weights = rng.uniform(size=(vertices, bones)) * (rng.uniform(size=(vertices, bones)) < 0.15)
    weights[np.arange(vertices), rng.integers(0, bones, vertices)] += 0.5
    return {
        "bone_count": bones,
        "bone_names": [f"bone{bone}" for bone in range(bones)],
        "parents": parents,
        "base_relatives": [rigid(rng, 0.3).tolist() for _ in range(bones)],
        "inverse_base_absolutes": [rigid(rng, 0.3).tolist() for _ in range(bones)],
        "base_positions": np.hstack([rng.normal(size=(vertices, 3)), np.ones((vertices, 1))]).tolist(),
        "weights": (weights / weights.sum(1, keepdims=True)).tolist(),
        "triangles": rng.integers(0, vertices, (2 * vertices, 3)).tolist(),
        "is_mirrored": False,
    }


def read_hand(folder):
    rows = [line.split(":") for line in (folder / "bones.txt").read_text().splitlines()]
    matrices = np.array([[float(x) for x in row[2:34]] for row in rows]).reshape(-1, 2, 4, 4)
    positions, weights = [], []
    for line in (folder / "vertices.txt").read_text().splitlines():
        atoms = line.split(":")
        positions.append([float(x) for x in atoms[:3]] + [1.0])
        weights.append([0.0] * len(rows))
        for i in range(int(atoms[8])):
            weights[-1][int(atoms[9 + 2 * i])] = float(atoms[10 + 2 * i])
    triangles = (folder / "triangles.txt").read_text().split()
    return {
        "bone_count": len(rows),
        "bone_names": [row[0] for row in rows],
        "parents": [int(row[1]) for row in rows],
        "base_relatives": matrices[:, 0].tolist(),
        "inverse_base_absolutes": matrices[:, 1].tolist(),
        "base_positions": positions,
        "weights": weights,
        "triangles": [[int(x) for x in line.split(":")[:3]] for line in triangles],
        "is_mirrored": False,
    }


def read_points(file):
    lines = [line.split() for line in file.read_text().splitlines()]
    count, size = int(lines[0][0]), int(lines[0][1])
    measured, places = lines[1 : count + 1], lines[count + 1 : 2 * count + 1]
    return {
        "correspondences": [int(line[0]) for line in measured],
        "points": [[float(x) for x in line[1:]] for line in measured],
        "us": [[float(x) for x in line] for line in places],
        "theta": [float(line[0]) for line in lines[2 * count + 1 : 2 * count + 1 + size]],
    }


def ht(tiny, suite):
    rng = np.random.default_rng(seed=SEED)
    sizes = [100, 192, 200, 400, 800, 1600, 3200, 6400]
    folder = suite / "evals/ht/data/complicated_big" if suite and not tiny else None
    hand = read_hand(folder / "model") if folder else drawn_hand(rng, 5 if tiny else 10000)
    for i, count in enumerate([4] if tiny else sizes):
        if folder:
            case = read_points(next(folder.glob(f"hand{i + 1}_*.txt")))
        else:
            case = {
                "correspondences": rng.integers(0, len(hand["triangles"]), count).tolist(),
                "points": rng.normal(size=(count, 3)).tolist(),
                "us": rng.dirichlet([1, 1, 1], count)[:, :2].tolist(),
                "theta": rng.normal(0, 0.3, 26).tolist(),
            }
        data = {"model": hand, "correspondences": case["correspondences"], "points": case["points"]}
        yield f"{count}", {"theta": case["theta"], "data": data, "us": case["us"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--tiny", action="store_true", help="one small input for each evaluation")
    parser.add_argument("--suite", type=pathlib.Path, help="a checkout of gradbench")
    parser.add_argument("--only", nargs="*", help="names of evaluations")
    options = parser.parse_args()
    tiny, suite = options.tiny, options.suite
    inputs = {
        "lse": lambda: lse(tiny),
        "llsq": lambda: llsq(tiny),
        "ode": lambda: ode(tiny),
        "gmm": lambda: gmm(tiny),
        "kmeans": lambda: kmeans(tiny),
        "lstm": lambda: lstm(tiny, suite),
        "det": lambda: det(tiny),
        "ba": lambda: ba(tiny, suite),
        "ht": lambda: ht(tiny, suite),
        "particle": lambda: [("w=0", {"w": 0.0})],
        "saddle": lambda: [("start", {"start": [1.0, 1.0]})],
    }
    for name in options.only or inputs:
        for number, (label, content) in enumerate(inputs[name]()):
            folder = options.directory if tiny else options.directory / name
            folder.mkdir(parents=True, exist_ok=True)
            file = f"{name}.json" if tiny else f"{number:02}_{label}.json"
            (folder / file).write_text(json.dumps(content) + "\n")


if __name__ == "__main__":
    main()
