"""The form of a program of the suite in Python: PROGRAM EVALUATION FILE FUNCTION reads the input
from a JSON file, and prints the result of the function and a line for each time that it took."""

import json
import sys
import time

from evaluations import EVALUATIONS


def main(lib):
    name, file, function = sys.argv[1:]
    with open(file, encoding="utf8") as text:
        data = json.load(text)
    f, arguments, show = EVALUATIONS[name](lib, data)[function]
    f = lib.compiled(f)
    result = f(*arguments)  # the first call compiles
    times = []
    while len(times) < data.get("min_runs", 1) or sum(times) < data.get("min_seconds", 0) * 1e9:
        start = time.perf_counter_ns()
        result = f(*arguments)
        times.append(time.perf_counter_ns() - start)
    print(json.dumps(show(result)))
    for each in times:
        print(json.dumps({"name": "evaluate", "nanoseconds": each}))
