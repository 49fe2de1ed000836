"""Networks, mixtures, clusters and long loops; as formulas.py."""

import math

import numpy

from data import numbers, one_hot, singles
from registry import Problem, workload, workloads


# ---- perceptron 784-128-10


def cross_entropy(lib, images, labels):
    np, images, labels = lib.np, lib.array(images), lib.array(labels)

    def loss(W1, b1, W2, b2):
        logits = np.tanh(images @ W1 + b1) @ W2 + b2
        correct = np.sum(labels * logits, axis=1)
        return np.mean(lib.logsumexp(logits, axis=1) - correct)

    return loss


@workloads(
    {
        "perceptron, batch 32, one-hot labels": (32,),
        "perceptron, batch 512, one-hot labels": (512,),
    }
)
def perceptron(lib, size):
    labels = one_hot([(7 * i + i // 3) % 10 for i in range(size)], 10)
    loss = cross_entropy(lib, singles((size, 784), 0, 1, 5), labels)
    weights = [
        singles((784, 128), -0.05, 0.05, 6),
        singles((128,), -0.1, 0.1, 7),
        singles((128, 10), -0.1, 0.1, 8),
        singles((10,), -0.1, 0.1, 9),
    ]
    return Problem(loss, weights)


@workload("Hessian-vector product, perceptron, batch 32")
def perceptron_hvp(lib):
    labels = one_hot([7 * i % 10 for i in range(32)], 10)
    loss = cross_entropy(lib, singles((32, 784), 0, 1), labels)
    shapes, scales = [(784, 128), (128,), (128, 10), (10,)], [0.1, 0.1, 0.3, 0.1]
    weights = [singles(shapes[i], -scales[i], scales[i], 2 + i) for i in range(4)]
    direction = [singles(shapes[i], -1, 1, 6 + i) for i in range(4)]
    return Problem(loss, weights, ("hvp",), direction)


# ---- statistics


@workload("logsumexp of a million")
def log_sum_exp(lib):
    return Problem(lambda x: lib.logsumexp(x, axis=0), [numbers((1000000,), -10, 10)])


def places_in_icf(d):
    """For each element of a lower triangular factor its place; the last above the diagonal."""
    places = numpy.full((d, d), d * (d + 1) // 2)
    numpy.fill_diagonal(places, numpy.arange(d))
    columns, rows = numpy.triu_indices(d, 1)
    places[rows, columns] = d + numpy.arange(rows.size)
    return places


@workload("Gaussian mixture, d = 64, k = 100, n = 1000")
def gaussian_mixture(lib):
    np, d, k, n = lib.np, 64, 100, 1000
    points, zeros = lib.array(numbers((n, d))), lib.array(numpy.zeros((k, 1)))
    places = lib.array(places_in_icf(d))

    def log_likelihood(alphas, means, icf):
        logs = icf[:, :d]
        row = np.concatenate([np.exp(logs), icf[:, d:], zeros], axis=1)
        factors, weights = row[:, places], alphas + np.sum(logs, axis=1)
        terms = []
        for i in range(k):
            y = (points - means[i]) @ factors[i].T
            terms.append(weights[i] - 0.5 * np.sum(np.square(y), axis=1))
        likelihood = np.sum(lib.logsumexp(np.stack(terms), axis=0))
        return likelihood - n * lib.logsumexp(alphas, axis=0) - n * d * math.log(2 * math.pi) / 2

    icf = numbers((k, d * (d + 1) // 2), -0.1, 0.1, 3)
    return Problem(log_likelihood, [numbers((k,)), numbers((k, d), -1, 1, 2), icf])


@workloads(
    {
        "k-means, gradient": (("gradient",),),
        "k-means, gradient and Hessian diagonal": (("gradient", "hvp"),),
    }
)
def k_means(lib, tasks):
    np, data, centres = lib.np, numbers((10000, 16)), numbers((100, 16), -1, 1, 2)
    points, squares = lib.array(data), float(numpy.sum(data**2))

    def cost(centres):
        distances = points @ (-2.0 * centres).T + np.sum(np.square(centres), axis=1)
        return np.sum(np.amin(distances, axis=1)) + squares

    return Problem(cost, [centres], tasks, [numpy.ones((100, 16))])


# ---- long loops


@workload("LSTM, 2 layers, 14 wide, 1000 steps")
def lstm(lib):
    np, layers, width, steps = lib.np, 2, 14, 1000
    sequence = lib.array(numbers((steps + 1, width), 0, 1))
    hidden, cell = (lib.array(numbers((layers, width), -1, 1, seed)) for seed in (2, 3))

    def loss(weights, biases, extra):
        def layer(w, b, x, h, c):
            forget, out = lib.sigmoid(x * w[0] + b[0]), lib.sigmoid(x * w[2] + b[2])
            c = c * forget + lib.sigmoid(h * w[1] + b[1]) * np.tanh(h * w[3] + b[3])
            return out * np.tanh(c), c

        def step(state, x):
            after = []
            for w, b, (h, c) in zip(layer_weights, layer_biases, state):
                x, c = layer(w, b, x, h, c)
                after.append((x, c))
            return after, x

        layer_weights = [[weights[i][j] for j in range(4)] for i in range(layers)]
        layer_biases = [[biases[i][j] for j in range(4)] for i in range(layers)]
        start = [(hidden[i], cell[i]) for i in range(layers)]
        _, outputs = lib.scan(step, start, sequence[:-1] * extra[0])
        y = outputs * extra[1] + extra[2]
        total = np.log(np.sum(np.exp(y), axis=1) + 2)[:, None]
        return -np.mean(sequence[1:] * (y - total))

    shapes = [(layers, 4, width), (layers, 4, width), (3, width)]
    return Problem(loss, [numbers(shapes[i], -1, 1, 4 + i) for i in range(3)])


@workload("Runge-Kutta, Lotka-Volterra, 1000 steps")
def runge_kutta(lib):
    h, steps = 0.01, lib.array(numpy.zeros(1000))

    def final_state(a, b, c, d, x, y):
        def slope(x, y):
            return x * (a - b * y), y * (c * x - d)

        def step(state, _):
            x, y = state
            x1, y1 = slope(x, y)
            x2, y2 = slope(x + h / 2 * x1, y + h / 2 * y1)
            x3, y3 = slope(x + h / 2 * x2, y + h / 2 * y2)
            x4, y4 = slope(x + h * x3, y + h * y3)
            x = x + h / 6 * (x1 + 2 * x2 + 2 * x3 + x4)
            return (x, y + h / 6 * (y1 + 2 * y2 + 2 * y3 + y4)), x

        (x, y), _ = lib.scan(step, (x, y), steps)
        return x * x + y * y

    return Problem(final_state, [numpy.array(v) for v in (1.1, 0.4, 0.1, 0.4, 10.0, 5.0)])
