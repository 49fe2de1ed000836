#!/usr/bin/env python3
"""Evaluations of the suite in PyTorch, in double precision, as it comes and on one thread:
torch_programs.py EVALUATION FILE FUNCTION, with the output of the programs of this folder."""

import numpy
import torch

import harness

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)


def leaf(x):
    return x.detach().requires_grad_()


class Torch:
    np = torch
    constant = staticmethod(torch.detach)
    sigmoid = staticmethod(torch.sigmoid)
    logsumexp = staticmethod(torch.logsumexp)

    def array(self, x):
        return torch.from_numpy(numpy.ascontiguousarray(x))

    def min(self, x, axis):
        return torch.min(x, axis).values

    def powers(self, t, n):
        return torch.vander(t, n, increasing=True).T

    def scan(self, step, state, xs):
        ys = []
        for x in xs:
            state, y = step(state, x)
            ys.append(y)
        return state, None if y is None else torch.stack(ys)

    def compiled(self, f):
        return f

    def grad(self, f, n):
        def gradient(*arguments):
            x = list(map(leaf, arguments[:n]))
            return torch.autograd.grad(f(*x, *arguments[n:]), x)

        return gradient

    def grad_and_hvp(self, f, x, v, *rest):
        x = leaf(x)
        (slope,) = torch.autograd.grad(f(x, *rest), x, create_graph=True)
        (product,) = torch.autograd.grad(slope, x, v)
        return slope.detach(), product

    def vjps(self, f, cotangents, x, *rest):
        x = leaf(x)
        y = f(x, *rest)
        return [torch.autograd.grad(y, x, each, retain_graph=True)[0] for each in cotangents]

    def jacfwd(self, f, n):
        return torch.func.jacfwd(f, tuple(range(n)))


if __name__ == "__main__":
    harness.main(Torch())
