"""Chains, losses of images and other small formulas.

A workload is a function of a library (see libraries.py), whose `np` is autograd.numpy, jax.numpy or
torch. It returns a Problem, or None if the library lacks what it needs.
"""

import numpy

from data import numbers, singles
from registry import Problem, workload, workloads


# ---- chains


def sines(lib, x):
    for _ in range(50):
        x = lib.np.sin(x)
    return x


@workload("50 sines")
def sine_chain(lib):
    return Problem(lambda x: sines(lib, x), [numpy.array(0.5)])


@workload("1000 times (x + x) / 2")
def halving_chain(lib):
    def halvings(x):
        for _ in range(1000):
            x = (x + x) / 2
        return x

    return Problem(halvings, [numpy.array(0.5)])


@workload("50 sines of a 64-vector")
def sine_chain_of_vector(lib):
    return Problem(lambda x: lib.np.sum(sines(lib, x)), [numbers((64,), 0.1, 1)])


# ---- restoration


def row_roughness(lib, row):
    diff, norm = lib.np.diff, lib.norm
    return norm(diff(row)) + norm(diff(row[0::2])) + norm(diff(row[1::2]))


def roughness_of_rows(lib, x):
    def row_norms(y):
        return lib.np.sum(lib.norm(lib.np.diff(y), axis=1))

    return row_norms(x) + row_norms(x[:, 0::2]) + row_norms(x[:, 1::2])


@workloads(
    {
        "restoration, rows, 256x192, float": (256, 192),
        "restoration, rows, 1024x768, float": (1024, 768),
    }
)
def restoration_by_rows(lib, width, height):
    def score(x):
        total = 0
        for lines in (x, x.T):
            for row in lines:
                total = total + row_roughness(lib, row)
        return total

    return Problem(score, [singles((height, width), 0, 1)])


@workloads(
    {
        "restoration, whole, 256x192, float": (256, 192),
        "restoration, whole, 1024x768, float": (1024, 768),
    }
)
def whole_restoration(lib, width, height):
    def score(x):
        return roughness_of_rows(lib, x) + roughness_of_rows(lib, x.T)

    return Problem(score, [singles((height, width), 0, 1)])


# ---- auto-encoder: pixels, codes, samples


@workloads(
    {
        "auto-encoder by Z, double": ("Z",),
        "auto-encoder by D, double": ("D",),
        "auto-encoder by E, double": ("E",),
    }
)
def auto_encoder(lib, by):
    n, m, samples = 144, 200, 1764
    arrays = {
        "X": numbers((n, samples), -1, 1, 1),
        "Z": numbers((m, samples), -1, 1, 2),
        "D": numbers((n, m), -0.1, 0.1, 3),
        "E": numbers((m, n), -0.1, 0.1, 4),
    }
    X, Z, D = (lib.array(arrays[name]) for name in "XZD")
    EX = lib.array(arrays["E"] @ arrays["X"])

    def energy(residual):
        return 5 * lib.np.sum(lib.np.square(residual))

    terms = {
        "Z": lambda Z: energy(D @ Z - X) + energy(Z - EX),
        "D": lambda D: energy(D @ Z - X),
        "E": lambda E: energy(Z - E @ X),
    }
    return Problem(terms[by], [arrays[by]])


# ---- quadratic fit: one sample


@workload("quadratic fit, sample, three numbers")
def quadratic_of_numbers(lib):
    def cost(a2, a1, a0):
        return 0.5 * lib.np.square(1 - (a2 * 4 + a1 * 2 + a0))

    return Problem(cost, [numpy.array(a) for a in (1.0, 0.5, 0.25)])


@workload("quadratic fit, sample, product of vectors")
def quadratic_as_product(lib):
    powers = lib.array(numpy.array([4.0, 2.0, 1.0]))

    def cost(a):
        return 0.5 * lib.np.square(1 - lib.np.dot(powers, a))

    return Problem(cost, [numpy.array([1.0, 0.5, 0.25])])


# ---- losses of images


def scale_invariant(lib, y):
    samples = (1, 2, 3)
    squares = lib.np.mean(lib.np.square(y), axis=samples)
    return lib.np.mean(squares - 0.5 * lib.np.square(lib.np.mean(y, axis=samples)))


IMAGES = (8, 3, 256, 256)


@workload("scale-invariant L2 + Prewitt, optim")
def image_loss(lib):
    y_true = lib.array(singles(IMAGES, -1, 1, 10))

    def loss(y_pred):
        y = y_true - y_pred
        down, across = y[..., 2:, :] - y[..., :-2, :], y[..., 2:] - y[..., :-2]
        d_i = down[..., :-2] + down[..., 1:-1] + down[..., 2:]
        d_j = across[..., :-2, :] + across[..., 1:-1, :] + across[..., 2:, :]
        slopes = lib.np.mean(lib.np.square(d_i)) + lib.np.mean(lib.np.square(d_j))
        return scale_invariant(lib, y) + slopes

    return Problem(loss, [singles(IMAGES, -1, 1, 11)])


@workload("scale-invariant L2 + Prewitt, correlate2d")
def image_loss_by_correlation(lib):
    if lib.correlate is None:
        return None
    down = numpy.repeat(numpy.array([[-1], [0], [1]], numpy.float32), 3, axis=1)
    kernel = lib.array(numpy.stack([down, down.T] * 3)[:, None])
    y_true = lib.array(singles(IMAGES, -1, 1, 10))

    def loss(y_pred):
        y = y_true - y_pred
        slopes = lib.np.mean(lib.np.square(lib.correlate(y, kernel, 3)))
        return scale_invariant(lib, y) + 2 * slopes

    return Problem(loss, [singles(IMAGES, -1, 1, 11)])


# ---- second order


@workload("Hessian, Rosenbrock in 50 dimensions")
def rosenbrock_hessian(lib):
    np = lib.np

    def rosenbrock(x):
        a, b = x[:-1], x[1:]
        return np.sum(100 * np.square(b - np.square(a)) + np.square(1 - a))

    return Problem(rosenbrock, [numbers((50,))], ("hessian",))
