#!/usr/bin/env python3
"""Evaluations of the suite in JAX, in double precision and compiled:
jax_programs.py EVALUATION FILE FUNCTION, with the output of the programs of this folder."""

import jax
import jax.numpy as jnp

import harness

jax.config.update("jax_enable_x64", True)


class Jax:
    np = jnp
    array = staticmethod(jnp.array)
    constant = staticmethod(jax.lax.stop_gradient)
    min = staticmethod(jnp.min)
    sigmoid = staticmethod(jax.nn.sigmoid)
    logsumexp = staticmethod(jax.nn.logsumexp)
    scan = staticmethod(jax.lax.scan)

    def powers(self, t, n):
        return jax.lax.scan(lambda power, _: (power * t, power), jnp.ones_like(t), length=n)[1]

    def compiled(self, f):
        run = jax.jit(f)
        return lambda *arguments: jax.block_until_ready(run(*arguments))

    def grad(self, f, n):
        return jax.grad(f, tuple(range(n)))

    def grad_and_hvp(self, f, x, v, *rest):
        return jax.jvp(lambda x: jax.grad(f)(x, *rest), (x,), (v,))

    def vjps(self, f, cotangents, x, *rest):
        _, vjp = jax.vjp(lambda x: f(x, *rest), x)
        return [vjp(cotangent)[0] for cotangent in cotangents]

    def jacfwd(self, f, n):
        return jax.jacfwd(f, tuple(range(n)))


if __name__ == "__main__":
    harness.main(Jax())
