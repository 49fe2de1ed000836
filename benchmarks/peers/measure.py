"""Measures one workload with one peer, in a process of its own; prints a line of JSON.

    python measure.py PEER WORKLOAD THREADS
"""

import json
import statistics
import sys
import time

import numpy

import formulas  # registers its workloads, as the next does
import models
from libraries import library
from registry import WORKLOADS

REPETITIONS = 15
SECONDS = 0.03  # that one repetition fills
BUDGET = 10  # seconds after which fewer repetitions must do, but not fewer than 3


def seconds_of(work, times):
    start = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - start) / times


def median_seconds(work):
    times = max(1, int(SECONDS / seconds_of(work, 2)))
    start, figures = time.perf_counter(), []
    while len(figures) < REPETITIONS:
        figures.append(seconds_of(work, times))
        if len(figures) >= 3 and time.perf_counter() - start > BUDGET:
            break
    return statistics.median(figures)


def number_of(first):
    """The first result, or the norm of it where it is an array."""
    return float(first) if first.ndim == 0 else float(numpy.linalg.norm(first))


def main(peer, name, threads):
    lib = library(peer, int(threads))
    problem = WORKLOADS[name](lib)
    if problem is None:
        return
    work = lib.prepare(problem)
    first = seconds_of(work, 1)
    results = {
        "first": first,
        "seconds": median_seconds(work),
        "value": number_of(numpy.asarray(work()[0])),
        "tolerance": 1e-4 if problem.x[0].dtype == numpy.float32 else 1e-8,
    }
    print(json.dumps(results))


if __name__ == "__main__":
    main(*sys.argv[1:])
