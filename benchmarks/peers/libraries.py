"""The peers in Python: what their workloads are written with, and how they differentiate.

A library has `np` (the functions of NumPy), `array` (from a NumPy array), and
`prepare(problem)`, which returns a function that computes all tasks of the problem. Imports are
local, so that a peer need not be installed for another to run.
"""


class Library:
    """What autograd and torch share: loops are loops."""

    def scan(self, step, state, xs):
        outputs = []
        for x in xs:
            state, output = step(state, x)
            outputs.append(output)
        return state, self.np.stack(outputs)

    def prepare(self, problem):
        x, v = [self.inputs(problem.x), self.inputs(problem.direction)]
        works = [getattr(self, task)(problem.objective, x, v) for task in problem.tasks]
        return lambda: [result for work in works for result in work()]


class Autograd(Library):
    correlate = None

    def __init__(self):
        import autograd.numpy
        import autograd.scipy.special

        self.np, self.transforms = autograd.numpy, autograd
        self.norm = autograd.numpy.linalg.norm
        self.logsumexp = autograd.scipy.special.logsumexp
        self.sigmoid = autograd.scipy.special.expit

    def array(self, x):
        return x

    def inputs(self, x):
        return tuple(x)

    def gradient(self, f, x, v):
        of = self.transforms.value_and_grad(f, tuple(range(len(x))))
        return lambda: of(*x)

    def hvp(self, f, x, v):
        every = tuple(range(len(x)))
        gradient = self.transforms.grad(f, every)

        def slope(*x):
            return sum(self.np.sum(g * w) for g, w in zip(gradient(*x), v))

        return lambda: self.transforms.grad(slope, every)(*x)

    def hessian(self, f, x, v):
        return lambda: [self.transforms.hessian(f)(*x)]


class Jax(Library):
    def __init__(self):
        import jax

        jax.config.update("jax_enable_x64", True)
        self.jax, self.np, self.norm = jax, jax.numpy, jax.numpy.linalg.norm
        self.array = jax.numpy.asarray
        self.logsumexp, self.sigmoid = jax.scipy.special.logsumexp, jax.nn.sigmoid
        self.scan = jax.lax.scan

    def inputs(self, x):
        return tuple(map(self.array, x))

    def correlate(self, x, kernel, groups):
        convolve = self.jax.lax.conv_general_dilated
        return convolve(x, kernel, (1, 1), "VALID", feature_group_count=groups)

    def compiled(self, f, *x):
        run = self.jax.jit(f)
        return lambda: self.jax.block_until_ready(run(*x))

    def gradient(self, f, x, v):
        return self.compiled(self.jax.value_and_grad(f, tuple(range(len(x)))), *x)

    def hvp(self, f, x, v):
        gradient = self.jax.grad(f, tuple(range(len(x))))
        return self.compiled(lambda x, v: self.jax.jvp(gradient, x, v)[1], x, v)

    def hessian(self, f, x, v):
        return self.compiled(lambda x: [self.jax.hessian(f)(x)], *x)


class Torch(Library):
    def __init__(self, threads):
        import torch

        torch.set_num_threads(threads)
        self.np = self.torch = torch
        self.norm, self.array = torch.linalg.vector_norm, torch.tensor
        self.logsumexp, self.sigmoid = torch.logsumexp, torch.sigmoid

    def inputs(self, x):
        return tuple(map(self.array, x))

    def compiled(self, f):
        return f

    def correlate(self, x, kernel, groups):
        return self.torch.nn.functional.conv2d(x, kernel, groups=groups)

    def gradient(self, f, x, v):
        of, x = self.compiled(f), [each.clone().requires_grad_() for each in x]

        def work():
            value = of(*x)
            return value.detach(), self.torch.autograd.grad(value, x)

        return work

    def hvp(self, f, x, v):
        gradient = self.torch.func.grad(f, tuple(range(len(x))))
        product = self.compiled(lambda x, v: self.torch.func.jvp(gradient, x, v)[1])
        return lambda: product(x, v)

    def hessian(self, f, x, v):
        hessian = self.compiled(self.torch.func.hessian(f))
        return lambda: [hessian(*x)]


class CompiledTorch(Torch):
    def compiled(self, f):
        return self.torch.compile(f, dynamic=False)


def library(peer, threads):
    """By the names of compare.py."""
    if peer == "autograd":
        return Autograd()
    if peer == "JAX":
        return Jax()
    return Torch(threads) if peer == "PyTorch" else CompiledTorch(threads)
