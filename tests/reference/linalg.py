"""Writes linalg.txt: arguments of linear algebra, and what NumPy and SciPy make of them.

    python tests/reference/linalg.py > tests/reference/linalg.txt

Each line is a name, a shape and the numbers, separated by bars. Vectors whose sign is a matter of
choice are turned so that their largest element is positive.
"""
import numpy as np
import scipy
import scipy.linalg as la


def show(name, x):
    x = np.asarray(x, dtype=float)
    shape = " ".join(str(extent) for extent in x.shape)
    print(f"{name}|{shape}|{' '.join(repr(float(each)) for each in x.ravel())}")


def turned(columns):
    largest = np.take_along_axis(columns, np.abs(columns).argmax(0)[None], 0)
    return columns * np.sign(largest)


random = np.random.default_rng(1)
# Digits that float has, too.
draw = lambda *shape: np.round(random.uniform(-2, 2, shape) * 64) / 64
a, stack, tall, b, columns, q = draw(4, 4), draw(2, 3, 3), draw(5, 3), draw(4), draw(4, 2), draw(4, 3)
a += 3 * np.eye(4)
stack += 4 * np.eye(3)
definite = a @ a.T
diagonals = draw(4, 5)
diagonals[1] += 6
right = draw(5, 2)
for name in "a stack tall b columns q definite diagonals right".split():
    show(name, globals()[name])

show("solve", np.linalg.solve(a, columns))
show("solve vector", np.linalg.solve(definite, b))
show("inv", np.linalg.inv(stack))
show("det", np.linalg.det(stack))
show("slogdet sign", np.linalg.slogdet(-stack)[0])
show("slogdet", np.linalg.slogdet(-stack)[1])
show("cholesky", np.linalg.cholesky(definite))
show("solve_triangular", la.solve_triangular(a, columns))
show("solve_triangular lower", la.solve_triangular(a, b, trans=1, lower=True))
show("solve_banded", la.solve_banded((2, 1), diagonals, right))
show("solve_sylvester", la.solve_sylvester(a, stack[0], q))
w, v = np.linalg.eigh(definite)
show("eigenvalues", w)
show("eigenvectors", turned(v))
u, s, vh = np.linalg.svd(tall, full_matrices=False)
show("U", turned(u))
show("S", s)
show("Vh", turned(vh.T).T)
Q, R = np.linalg.qr(tall)
signs = np.sign(np.diag(R))
show("Q", Q * signs)
show("R", R * signs[:, None])
show("pinv", np.linalg.pinv(tall))
x, residuals, rank, s = np.linalg.lstsq(tall, right, rcond=None)
show("lstsq", x)
show("residuals", residuals)
show("rank", rank)
for order in (None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf):
    show(f"norm {order}", np.linalg.norm(tall, order))
for order in (0, 1, -1, 2, 3, np.inf, -np.inf):
    show(f"norm of vector {order}", np.linalg.norm(b, order))
show("norm nuc along axes", np.linalg.norm(stack, "nuc", axis=(2, 0)))
for order in (None, 2, -2, 1, -1, "fro", np.inf):
    show(f"cond {order}", np.linalg.cond(a, order))
for n in (-2, 0, 1, 5):
    show(f"matrix_power {n}", np.linalg.matrix_power(stack, n))
show("multi_dot", np.linalg.multi_dot([b, a, columns]))
show("expm", la.expm(stack))
show("expm small", la.expm(stack / 100))
show("sqrtm", la.sqrtm(definite).real)
