"""What a workload is, and all of them by the names of benchmarks/programs."""

import dataclasses

WORKLOADS = {}


@dataclasses.dataclass
class Problem:
    objective: callable
    x: list  # of NumPy arrays: by what to differentiate
    tasks: tuple = ("gradient",)  # or "hvp", "hessian"
    direction: list = dataclasses.field(default_factory=list)  # of the hvp


def workloads(variants):
    """Names, each with the arguments that the function takes after the library."""

    def register(build):
        for name, arguments in variants.items():
            WORKLOADS[name] = lambda lib, arguments=arguments: build(lib, *arguments)
        return build

    return register


def workload(name):
    return workloads({name: ()})
