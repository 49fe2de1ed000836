#!/usr/bin/env python3
"""Evaluations of the suite in JAX, in double precision and compiled:
jax_programs.py EVALUATION FILE FUNCTION, with the output of the programs of this folder."""

import json
import sys
import time

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)


def lse(x):
    largest = jax.lax.stop_gradient(jnp.max(x))
    return jnp.log(jnp.sum(jnp.exp(x - largest))) + largest


def llsq(x, n):
    t = -1 + jnp.arange(n) * 2 / (n - 1)

    def add_power(state, coefficient):
        residual, power = state
        return (residual - coefficient * power, power * t), None

    (residual, _), _ = jax.lax.scan(add_power, (jnp.sign(t), jnp.ones(n)), x)
    return jnp.sum(residual**2) / 2


def ode(x, steps):
    h = 2.0 / steps

    def slope(y):
        return x * jnp.concatenate([jnp.ones(1), y[:-1]])

    def step(y, _):
        k1 = slope(y)
        k2 = slope(y + h / 2 * k1)
        k3 = slope(y + h / 2 * k2)
        k4 = slope(y + h * k3)
        return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4), None

    y, _ = jax.lax.scan(step, jnp.zeros_like(x), None, length=steps)
    return y[-1]


def gmm(parameters, x, m, gamma):
    alpha, mu, q, l = parameters
    n, d = x.shape
    columns, rows = np.triu_indices(d, 1)  # of what is below the diagonal, column by column
    factors = jnp.zeros((len(alpha), d, d)).at[:, rows, columns].set(l)
    factors += jax.vmap(jnp.diag)(jnp.exp(q))
    y = jnp.einsum("kij,nkj->nki", factors, x[:, None] - mu[None])
    terms = alpha + q.sum(1) - 0.5 * jnp.sum(y**2, 2)
    likelihood = jnp.sum(jax.nn.logsumexp(terms, 1)) - n * jax.nn.logsumexp(alpha)
    squares = jnp.sum(jnp.exp(q) ** 2) + jnp.sum(l**2)
    return likelihood - 0.5 * gamma**2 * squares + m * jnp.sum(q)


def kmeans_cost(centres, points):
    distances = (
        jnp.sum(points**2, 1)[:, None] - 2 * points @ centres.T + jnp.sum(centres**2, 1)[None]
    )
    return jnp.sum(jnp.min(distances, 1))


def kmeans(centres, points):
    gradient = jax.grad(kmeans_cost)
    slope, diagonal = jax.jvp(lambda c: gradient(c, points), (centres,), (jnp.ones_like(centres),))
    return slope / diagonal


def lstm(parameters, state, sequence):
    main, extra = parameters
    layers, bits = len(main) // 2, extra.shape[1]
    weights = main.reshape(layers, 2, 4, bits)

    def step(memory, x):
        x = x * extra[0]
        after = []
        for i in range(layers):
            hidden, cell = memory[2 * i], memory[2 * i + 1]
            w, b = weights[i]
            forget = jax.nn.sigmoid(x * w[0] + b[0])
            inner = jax.nn.sigmoid(hidden * w[1] + b[1])
            outer = jax.nn.sigmoid(x * w[2] + b[2])
            cell = cell * forget + inner * jnp.tanh(hidden * w[3] + b[3])
            x = outer * jnp.tanh(cell)
            after += [x, cell]
        return jnp.stack(after), x * extra[1] + extra[2]

    _, y = jax.lax.scan(step, state, sequence[:-1])
    total = jnp.log(jnp.sum(jnp.exp(y), 1, keepdims=True) + 2)
    return -jnp.mean(sequence[1:] * (y - total))


def derivative(name, data):
    """The compiled function, its arguments, and what makes the output of its result."""
    arrays = {key: jnp.array(value) for key, value in data.items() if isinstance(value, list)}
    if name == "lse":
        return jax.grad(lse), [arrays["x"]], lambda g: g.tolist()
    if name == "llsq":
        return jax.grad(lambda x: llsq(x, data["n"])), [arrays["x"]], lambda g: g.tolist()
    if name == "ode":
        return jax.grad(lambda x: ode(x, data["s"])), [arrays["x"]], lambda g: g.tolist()
    if name == "kmeans":
        return kmeans, [arrays["centroids"], arrays["points"]], lambda step: step.tolist()
    if name == "gmm":
        names = ["alpha", "mu", "q", "l"]
        f = jax.grad(lambda p, x: gmm(p, x, data["m"], data["gamma"]))
        show = lambda g: {key: each.tolist() for key, each in zip(names, g)}
        return f, [tuple(arrays[key] for key in names), arrays["x"]], show
    f = jax.grad(lstm)
    show = lambda g: jnp.concatenate([g[0].ravel(), g[1].ravel()]).tolist()
    parameters = (arrays["main_params"], arrays["extra_params"])
    return f, [parameters, arrays["state"], arrays["sequence"].astype(float)], show


def main():
    name, file, _ = sys.argv[1:]
    data = json.load(open(file, encoding="utf8"))
    f, arguments, show = derivative(name, data)
    f = jax.jit(f)
    result = jax.block_until_ready(f(*arguments))  # compiles
    times = []
    while len(times) < data.get("min_runs", 1) or sum(times) < data.get("min_seconds", 0) * 1e9:
        start = time.perf_counter_ns()
        result = jax.block_until_ready(f(*arguments))
        times.append(time.perf_counter_ns() - start)
    print(json.dumps(show(result)))
    for each in times:
        print(json.dumps({"name": "evaluate", "nanoseconds": each}))


if __name__ == "__main__":
    main()
