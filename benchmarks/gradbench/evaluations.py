"""The evaluations of the suite in Python, with the names and the output of the programs of this
folder. Each is a function of a library and of an input, and gives for each name of a function what
is timed, its arguments, and what makes the output of its result.

A library has the functions of NumPy as `np`, and
    array(list)                     an array, of doubles unless the list is of integers
    constant(x)                     x, which is not differentiated
    min(x, axis), sigmoid(x), logsumexp(x, axis)
    powers(t, n)                    a row for each of t**0, t**1, ... t**(n - 1)
    scan(step, state, xs)           state, y = step(state, x) for each of xs; the last state, the ys
    grad(f, n)                      the derivatives of f by its first n arguments
    grad_and_hvp(f, x, v, *rest)    those by x, and the product of the Hessian with v
    vjps(f, cotangents, x, *rest)   the products of cotangents with the Jacobian of f by x
    jacfwd(f, n)                    the Jacobians by the first n arguments, column by column
"""

import math

import numpy


def lists(x):
    return x.tolist()


def first(derivatives):
    return derivatives[0].tolist()


def lse(lib, data):
    np = lib.np

    def f(x):
        largest = lib.constant(np.amax(x))
        return np.log(np.sum(np.exp(x - largest))) + largest

    x = [lib.array(data["x"])]
    return {"primal": (f, x, lists), "gradient": (lib.grad(f, 1), x, first)}


def llsq(lib, data):
    np, n = lib.np, data["n"]

    def f(x, t):
        return np.sum((np.sign(t) - np.matmul(x, lib.powers(t, len(x)))) ** 2) / 2

    arguments = [lib.array(data["x"]), lib.array([-1 + i * 2 / (n - 1) for i in range(n)])]
    return {"primal": (f, arguments, lists), "gradient": (lib.grad(f, 1), arguments, first)}


def ode(lib, data):
    np, steps = lib.np, data["s"]
    h = 2.0 / steps

    def end(x):
        one = np.ones_like(x[:1])

        def slope(y):
            return x * np.concatenate([one, y[:-1]])

        def step(y, _):
            k1 = slope(y)
            k2 = slope(y + h / 2 * k1)
            k3 = slope(y + h / 2 * k2)
            k4 = slope(y + h * k3)
            return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4), None

        return lib.scan(step, np.zeros_like(x), np.arange(steps))[0]

    x = [lib.array(data["x"])]
    return {
        "primal": (end, x, lists),
        "gradient": (lib.grad(lambda x: end(x)[-1], 1), x, first),
    }


def gmm(lib, data):
    np, d, m, gamma = lib.np, data["d"], data["m"], data["gamma"]
    n, freedom = data["n"], data["d"] + data["m"] + 1
    log_gamma = 0.25 * d * (d - 1) * math.log(math.pi) + sum(
        math.lgamma(0.5 * (freedom - i)) for i in range(d)
    )
    constant = -0.5 * n * d * math.log(2 * math.pi) + data["k"] * (
        freedom * d * (math.log(gamma) - 0.5 * math.log(2)) - log_gamma
    )
    places = numpy.full((d, d), d * (d + 1) // 2)  # in the row of exp(q), l and 0
    places[numpy.diag_indices(d)] = range(d)
    columns, rows = numpy.triu_indices(d, 1)
    places[rows, columns] = range(d, d * (d + 1) // 2)

    def f(alpha, mu, q, l, x, places):
        diagonals, logs = np.exp(q), np.sum(q, 1)
        factors = np.concatenate([diagonals, l, np.zeros_like(q[:, :1])], 1)[:, places]
        y = np.matmul(factors, x) - np.matmul(factors, mu[:, :, None])
        terms = (alpha + logs)[:, None] - 0.5 * np.sum(y**2, 1)
        likelihood = np.sum(lib.logsumexp(terms, 0)) - n * lib.logsumexp(alpha, 0)
        squares = np.sum(diagonals**2) + np.sum(l**2)
        return likelihood - 0.5 * gamma**2 * squares + m * np.sum(logs) + constant

    names = ["alpha", "mu", "q", "l"]
    arguments = [lib.array(data[name]) for name in names]
    arguments += [lib.array(numpy.transpose(data["x"])), lib.array(places)]
    return {
        "objective": (f, arguments, lists),
        "jacobian": (lib.grad(f, 4), arguments, lambda g: dict(zip(names, map(lists, g)))),
    }


def kmeans(lib, data):
    np = lib.np

    def cost(centres, points):
        lengths = np.sum(centres**2, 1)
        distances = np.sum(points**2, 1)[:, None] - 2 * np.matmul(points, centres.T) + lengths
        return np.sum(lib.min(distances, 1))

    def step(centres, points):
        slope, diagonal = lib.grad_and_hvp(cost, centres, np.ones_like(centres), points)
        return slope / diagonal

    arguments = [lib.array(data["centroids"]), lib.array(data["points"])]
    return {"cost": (cost, arguments, lists), "dir": (step, arguments, lists)}


def lstm(lib, data):
    np = lib.np

    def f(main, extra, state, sequence):
        layers, bits = main.shape[0] // 2, extra.shape[1]
        gates = main.reshape(layers, 2, 4, bits)
        weights = [(gates[i, 0], gates[i, 1]) for i in range(layers)]
        scale, stretch, shift = extra[0], extra[1], extra[2]

        def step(memory, x):
            after = []
            for (weight, bias), (hidden, cell) in zip(weights, memory):
                gate = np.stack([x, hidden, x, hidden]) * weight + bias
                open = lib.sigmoid(gate[:3])
                cell = cell * open[0] + open[1] * np.tanh(gate[3])
                x = open[2] * np.tanh(cell)
                after.append((x, cell))
            return after, x

        memory = [(state[2 * i], state[2 * i + 1]) for i in range(layers)]
        _, outputs = lib.scan(step, memory, sequence[:-1] * scale)
        y = outputs * stretch + shift
        total = np.log(np.sum(np.exp(y), 1) + 2)[:, None]
        return -np.mean(sequence[1:] * (y - total))

    names = ["main_params", "extra_params", "state"]
    arguments = [lib.array(data[name]) for name in names]
    arguments.append(lib.array(numpy.array(data["sequence"], float)))
    show = lambda g: g[0].ravel().tolist() + g[1].ravel().tolist()
    return {"objective": (f, arguments, lists), "jacobian": (lib.grad(f, 2), arguments, show)}


def det(lib, data):
    np, size = lib.np, data["ell"]

    def f(a):
        """Level by level: of each minor the first row, and the rest without each of its columns."""
        rest, rows = a[:, :, None], []
        for m in range(size, 0, -1):
            rows.append(rest[0])
            minors = [np.concatenate([rest[1:, :j], rest[1:, j + 1 :]], 1) for j in range(m)]
            rest = np.concatenate(minors, 2)
        minors = rows.pop()[0]
        while rows:
            row = rows.pop()
            terms = row * minors.reshape(row.shape)
            minors = np.sum(terms[0::2], 0) - np.sum(terms[1::2], 0)
        return minors[0]

    a = [lib.array(data["A"]).reshape(size, size)]
    show = lambda g: g[0].ravel().tolist()
    return {"primal": (f, a, lists), "gradient": (lib.grad(f, 1), a, show)}


def ba(lib, data):
    np, n, m, p = lib.np, data["n"], data["m"], data["p"]

    def errors(x, pixels):
        """The errors (2, p) of what each observation knows (15, p), row by row."""
        x = list(x)
        moved = [x[11 + i] - x[3 + i] for i in range(3)]
        angle = np.sqrt(x[0] ** 2 + x[1] ** 2 + x[2] ** 2)
        axis = [x[i] / angle for i in range(3)]
        cosine, sine = np.cos(angle), np.sin(angle)
        along = sum(axis[i] * moved[i] for i in range(3)) * (1 - cosine)
        seen = []
        for i, j, k in [(0, 1, 2), (1, 2, 0), (2, 0, 1)]:
            cross = axis[j] * moved[k] - axis[k] * moved[j]
            seen.append(moved[i] * cosine + cross * sine + axis[i] * along)
        place = [seen[0] / seen[2], seen[1] / seen[2]]
        square = place[0] ** 2 + place[1] ** 2
        stretch = 1 + x[9] * square + x[10] * square**2
        return np.stack(
            [x[14] * (place[i] * stretch * x[6] + x[7 + i] - pixels[i]) for i in (0, 1)]
        )

    def known(cameras, points, weights):
        i = np.arange(p)
        return np.concatenate([cameras[:, i % n], points[:, i % m], weights[None]])

    def objective(cameras, points, weights, pixels):
        return errors(known(cameras, points, weights), pixels), 1 - weights**2

    def jacobian(cameras, points, weights, pixels):
        """Rows begin at the first numbers; a block of 2 x 15 for each observation comes first."""
        i, x = np.arange(p), known(cameras, points, weights)
        cotangents = [np.stack([np.ones_like(weights) * k for k in e]) for e in [(1, 0), (0, 1)]]
        blocks = np.stack(lib.vjps(errors, cotangents, x, pixels))
        camera = 11 * (i % n)[:, None] + np.arange(11)
        point = 11 * n + 3 * (i % m)[:, None] + np.arange(3)
        weight = (11 * n + 3 * m + i)[:, None]
        block = np.concatenate([camera, point, weight], 1)
        columns = np.stack([block, block], 1).ravel()
        rows = np.concatenate([15 * np.arange(2 * p), 30 * p + np.arange(p + 1)])
        values = np.concatenate([np.moveaxis(blocks, 2, 0).ravel(), -2 * weights])
        return rows, np.concatenate([columns, weight[:, 0]]), values

    def summary(result):
        reprojection, weight = result[0][:, 0].tolist(), float(result[1][0])
        return {
            "reproj_error": {"elements": reprojection, "repeated": p},
            "w_err": {"element": weight, "repeated": p},
        }

    def excerpt(result):
        return {
            key: each[:30].tolist() + each[-1:].tolist()
            for key, each in zip(["rows", "cols", "vals"], result)
        }

    repeated = lambda row, count: lib.array(numpy.repeat(numpy.array(row)[:, None], count, 1))
    arguments = [repeated(data["cam"], n), repeated(data["x"], m)]
    arguments += [lib.array([data["w"]] * p), repeated(data["feat"], p)]
    return {
        "objective": (objective, arguments, summary),
        "jacobian": (jacobian, arguments, excerpt),
    }


def ht(lib, data):
    np, model = lib.np, data["data"]["model"]
    parents, on_triangles = model["parents"], len(data["us"]) > 0
    turns = numpy.full((2, len(parents)), 20)  # about x and z; angle 20 is 0
    for finger in range(5):
        bone = 4 * finger + 2
        turns[0, bone : bone + 3] = 4 * finger + numpy.array([0, 2, 3])
        turns[1, bone] = 4 * finger + 1

    def rotations(angles):
        cx, sx = np.cos(angles[0]), np.sin(angles[0])
        cz, sz = np.cos(angles[1]), np.sin(angles[1])
        o, l = np.zeros_like(cx), np.ones_like(cx)
        rows = [cz, -sz * cx, sz * sx, o, sz, cz * cx, -cz * sx, o, o, sx, cx, o, o, o, o, l]
        return np.stack(rows, 1).reshape(-1, 4, 4)

    def turn(axis):
        angle, identity = np.sqrt(np.sum(axis**2)), np.eye(3)
        n = axis / angle
        (x, y, z), o = n, np.zeros_like(angle)
        cross = np.stack([o, -z, y, z, o, -x, -y, x, o]).reshape(3, 3)
        c, outer = np.cos(angle), n[:, None] * n
        turned = outer * (1 - c) + c * identity + np.sin(angle) * cross
        return np.where(angle < 1e-4, identity, turned)

    def positions(theta, hand):
        relatives, inverses, skin, turns, mirror = hand
        angles = np.concatenate([theta[6:], np.zeros_like(theta[:1])])[turns]
        turned, absolutes = np.matmul(relatives, rotations(angles)), []
        for own, parent in zip(turned, parents):
            absolutes.append(own if parent < 0 else np.matmul(absolutes[parent], own))
        transforms = np.matmul(np.stack(absolutes), inverses)
        rows = np.swapaxes(transforms[:, :3], 0, 1).reshape(3, -1)
        return np.matmul(turn(theta[:3]), mirror * np.matmul(rows, skin)) + theta[3:6, None]

    def f(step, theta, us, points, corners, *hand):
        """The errors (3, points). `step` is added to the places on all triangles: its Jacobian
        holds those by each place, of which every distance knows but two."""
        skin = positions(theta, hand)
        if not on_triangles:
            return points - skin[:, corners[0]]
        u, v = us + step[:, None]
        at = [skin[:, corner] for corner in corners]
        return points - (u * at[0] + v * at[1] + (1 - u - v) * at[2])

    corners = numpy.array(data["data"]["correspondences"])[None]
    if on_triangles:
        corners = numpy.array(model["triangles"])[corners[0]].T
    weights, base = numpy.array(model["weights"]).T, numpy.array(model["base_positions"]).T
    mirror = numpy.array([[-1.0 if model["is_mirrored"] else 1.0], [1.0], [1.0]])
    skin = (weights[:, None] * base).reshape(-1, base.shape[1])
    arguments = [numpy.zeros(2), data["theta"], numpy.transpose(data["us"])]
    arguments += [numpy.transpose(data["data"]["points"]), corners]
    arguments += [model["base_relatives"], model["inverse_base_absolutes"], skin, turns, mirror]
    arguments = list(map(lib.array, arguments))

    def rows(by):
        parts = [numpy.asarray(each) for each in by]
        J = numpy.concatenate(parts if on_triangles else parts[1:], 2)
        return J.swapaxes(0, 1).reshape(-1, J.shape[2]).tolist()

    return {
        "objective": (f, arguments, lambda errors: errors.T.ravel().tolist()),
        "jacobian": (lib.jacfwd(f, 2), arguments, rows),
    }


EVALUATIONS = {each.__name__: each for each in (lse, llsq, ode, gmm, kmeans, lstm, det, ba, ht)}
