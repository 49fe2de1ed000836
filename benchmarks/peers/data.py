"""The numbers that benchmarks/programs computes with."""

import math

import numpy as np

WORD = 2**64


def states(count, seed):
    """The first states of a 64-bit linear congruential generator."""
    factor, shift = 6364136223846793005, 1442695040888963407
    first = (seed * 0x9E3779B97F4A7C15 + 1) * factor + shift
    result = np.array([first % WORD], np.uint64)
    while result.size < count:
        # As many steps at once as there are states.
        later = result * np.uint64(factor) + np.uint64(shift)
        result = np.concatenate([result, later])
        factor, shift = factor * factor % WORD, shift * (factor + 1) % WORD
    return result[:count]


def numbers(shape, low=-1.0, high=1.0, seed=1, dtype=np.float64):
    """The same as numbers<T>(shape, low, high, seed) of programs/workload.hpp."""
    fractions = (states(math.prod(shape), seed) >> np.uint64(11)).astype(np.float64)
    return (low + (high - low) * fractions * 2.0**-53).astype(dtype).reshape(shape)


def singles(shape, low=-1.0, high=1.0, seed=1):
    return numbers(shape, low, high, seed, np.float32)


def one_hot(labels, classes):
    return np.eye(classes, dtype=np.float32)[np.asarray(labels)]
