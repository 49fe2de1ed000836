/// Sylvester's equation, and square roots of matrices.
#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>

#include "autograd/linalg/stacks.hpp"
#include "autograd/loops/blas.hpp"
#include "autograd/loops/lapack.hpp"
#include "autograd/loops/loops.hpp"
#include "autograd/ops/record.hpp"

namespace autograd::linalg {
namespace {

/// Schur's decompositions of the matrices of a stack, in memory of the tape.
struct SchurForms {
  Index n;
  const Layout* layout;
  T *triangles, *vectors;
};

struct Equation {
  const char* op;
  SchurForms a, b;
  bool transposed;  ///< a^T x + x b^T = q
};

SchurForms schur_forms(const V& a) {
  const View<const T> value = tape().value("solve_sylvester", a);
  const Index n = a.shape(-1);
  const Layout* layout = tape().row_major(a.shape(), "solve_sylvester");
  const SchurForms forms{n, layout, tape().allocate("solve_sylvester", layout).data,
                         tape().allocate("solve_sylvester", layout).data};
  copy<T>({forms.triangles, layout}, value);
  const auto batch = batch_of(layout->dims());
  for (Index i = 0; i < count_of(batch); ++i) {
    T* const triangle = forms.triangles + i * n * n;
    check_finite("solve_sylvester", triangle, n * n, batch, i);
    if (!lapack::schur(tape().gradients, n, triangle, forms.vectors + i * n * n)) {
      refuse_to_converge("solve_sylvester", batch, i);
    }
  }
  return forms;
}

/// c = a b for column-major matrices, or with transposes of a and b.
void multiply(Index rows, Index inner, Index columns, const T* a, bool a_transposed, const T* b,
              bool b_transposed, T* c) {
  Arena& scratch = tape().gradients;
  const ArenaScope memory(scratch);
  const auto view = [&](auto* data, Index m, Index n, bool transposed) {
    return View<std::remove_pointer_t<decltype(data)>>{
        data, make_layout(scratch, Dims{m, n}, transposed ? Dims{n, 1} : Dims{1, m})};
  };
  multiply_matrices<T>(scratch, view(c, rows, columns, false), view(a, rows, inner, a_transposed),
                       view(b, inner, columns, b_transposed), false);
}

/// Solves one equation. LAPACK sees x^T, so that the roles of a and b change: with b^T = u s u^T
/// and a^T = v r v^T it solves s y + y r = u^T q^T v, where x^T = u y v^T.
bool solve_one(const Equation& e, Index a, Index b, T* q) {
  Arena& scratch = tape().gradients;
  const ArenaScope memory(scratch);
  const Index m = e.b.n, n = e.a.n;
  const T *const u = e.b.vectors + b * m * m, *const v = e.a.vectors + a * n * n;
  T* const c = scratch.take<T>(static_cast<std::size_t>(m * n));
  T* const y = scratch.take<T>(static_cast<std::size_t>(m * n));
  multiply(m, m, n, u, true, q, false, c);
  multiply(m, n, n, c, false, v, false, y);
  if (!lapack::sylvester(m, n, e.b.triangles + b * m * m, e.a.triangles + a * n * n, e.transposed,
                         y)) {
    return false;
  }
  multiply(m, m, n, u, false, y, false, c);
  multiply(m, n, n, c, false, v, true, q);
  return true;
}

V solve_by(const Equation* equation, const V& a, const V& b, const V& q);

/// The cotangent of q is the solution h of the equation with transposed a and b, and those of a and
/// b are -h x^T and -x^T h. With a^T and b^T in place of them they are the transposes.
void vjp_sylvester(VjpContext<T>& context) {
  const auto& own = context.attributes<Equation>();
  const Equation* turned = keep(Equation{own.op, own.a, own.b, !own.transposed});
  const V h = solve_by(turned, context.x(0), context.x(1), context.g), x = context.y();
  const V &left = own.transposed ? x : h, &right = own.transposed ? h : x;
  if (context.wants(0)) context.add(0, -matmul(left, transposed(right)));
  if (context.wants(1)) context.add(1, -matmul(transposed(right), left));
  if (context.wants(2)) context.add(2, h);
}
constexpr Op<T> sylvester_op{"solve_sylvester", nullptr, vjp_sylvester};

V solve_by(const Equation* equation, const V& a, const V& b, const V& q) {
  const View<const T> right = tape().value("solve_sylvester", q);
  const Layout* layout = tape().row_major(q.shape(), "solve_sylvester");
  const auto compute = [&](View<T> x) {
    const ArenaScope memory(tape().gradients);
    const auto batch = batch_of(layout->dims());
    const Numbers of_a(tape().gradients, batch_of(equation->a.layout->dims()), batch);
    const Numbers of_b(tape().gradients, batch_of(equation->b.layout->dims()), batch);
    const Index size = equation->a.n * equation->b.n;
    copy<T>(x, right);
    for (Index i = 0; i < count_of(batch); ++i) {
      if (solve_one(*equation, of_a(i), of_b(i), x.data + i * size)) continue;
      fail<std::runtime_error>(equation->op, "{} makes Sylvester's equation singular",
                               which(batch, i));
    }
  };
  return record(sylvester_op, layout, const_cast<Equation*>(equation), compute, a, b, q);
}

using Complex = std::complex<T>;

/// Replaces an upper triangular column-major matrix by its square root, column by column (Bjorck
/// and Hammarling, "A Schur method for the square root of a matrix", 1983). Eigenvalues, and what
/// is left to divide by two of them, count as 0 up to `smallest`. Returns false if there is no
/// root.
bool take_root(Index n, Complex* s, T smallest) {
  for (Index j = 0; j < n; ++j) {
    Complex& diagonal = s[j * n + j];
    diagonal = std::abs(diagonal) <= smallest ? Complex(0) : std::sqrt(diagonal);
    for (Index i = j; i-- > 0;) {
      Complex rest = s[j * n + i];
      for (Index k = i + 1; k < j; ++k) rest -= s[k * n + i] * s[j * n + k];
      const Complex by = s[i * n + i] + s[j * n + j];
      if (by == Complex(0) && std::abs(rest) > smallest) return false;
      s[j * n + i] = by == Complex(0) ? Complex(0) : rest / by;
    }
  }
  return true;
}

/// Writes the real part of u s u^H. Returns false if the imaginary part is more than rounding.
bool assemble(Index n, const Complex* u, const Complex* s, T* to) {
  T largest = 0, largest_imaginary = 0;
  Arena& scratch = tape().gradients;
  Complex* const row = scratch.take<Complex>(static_cast<std::size_t>(n));
  for (Index i = 0; i < n; ++i) {
    for (Index k = 0; k < n; ++k) {
      row[k] = 0;
      for (Index l = 0; l <= k; ++l) row[k] += u[l * n + i] * s[k * n + l];
    }
    for (Index j = 0; j < n; ++j) {
      Complex sum = 0;
      for (Index k = 0; k < n; ++k) sum += row[k] * std::conj(u[k * n + j]);
      to[j * n + i] = sum.real();
      largest = std::max(largest, std::abs(sum));
      largest_imaginary = std::max(largest_imaginary, std::abs(sum.imag()));
    }
  }
  return largest_imaginary <= T(100) * T(n) * std::numeric_limits<T>::epsilon() * largest;
}

T largest_of(const Complex* x, Index count) {
  T largest = 0;
  for (Index i = 0; i < count; ++i) largest = std::max(largest, std::abs(x[i]));
  return largest;
}

void take_root(const T* a, Index n, T* to, std::span<const Index> batch, Index i) {
  Arena& scratch = tape().gradients;
  const ArenaScope memory(scratch);
  check_finite("sqrtm", a, n * n, batch, i);
  auto* const triangle = scratch.take<Complex>(static_cast<std::size_t>(n * n));
  auto* const vectors = scratch.take<Complex>(static_cast<std::size_t>(n * n));
  auto* const root = scratch.take<Complex>(static_cast<std::size_t>(n * n));
  std::copy_n(a, n * n, triangle);
  if (!lapack::schur(scratch, n, triangle, vectors)) refuse_to_converge("sqrtm", batch, i);
  // Zero as an eigenvalue may be negative or complex by rounding.
  const T rounding = T(n) * std::numeric_limits<T>::epsilon() * largest_of(triangle, n * n);
  for (T smallest : {T(0), rounding}) {
    std::copy_n(triangle, n * n, root);
    if (take_root(n, root, smallest) && assemble(n, vectors, root, to)) return;
  }
  fail<std::runtime_error>("sqrtm", "{} has no real square root", which(batch, i));
}

/// For y y = a the cotangent of a is the solution h of y^T h + h y^T = g.
void vjp_sqrtm(VjpContext<T>& context) {
  const V y = transposed(context.y());
  const SchurForms forms = schur_forms(y);
  context.add(0, solve_by(keep(Equation{"sqrtm", forms, forms, false}), y, y, context.g));
}
constexpr Op<T> sqrtm_op{"sqrtm", nullptr, vjp_sqrtm};

}  // namespace

V solve_sylvester(const V& a, const V& b, const V& q) {
  check_square("solve_sylvester", a);
  check_square("solve_sylvester", b);
  if (q.dimension() < 2 || q.shape(-2) != a.shape(-1) || q.shape(-1) != b.shape(-1)) {
    fail(
        "solve_sylvester",
        "q must have as many rows as a and as many columns as b: a has shape {}, b has shape {}, q "
        "has shape {}",
        to_string(a.shape()), to_string(b.shape()), to_string(q.shape()));
  }
  const Dims ab = broadcast_shapes("solve_sylvester", batch_of(a.shape()), batch_of(b.shape()));
  const Dims batch = broadcast_shapes("solve_sylvester", ab, batch_of(q.shape()), "a and b", "q");
  const Dims shape = with_axes_behind(batch, {q.shape(-2), q.shape(-1)});
  const Equation* equation =
      keep(Equation{"solve_sylvester", schur_forms(a), schur_forms(b), false});
  return solve_by(equation, a, b, same(shape, q.shape()) ? q : broadcast_to(q, shape));
}

V sqrtm(const V& a) {
  check_square("sqrtm", a);
  const View<const T> value = tape().value("sqrtm", a);
  const Index n = a.shape(-1);
  const auto batch = batch_of(a.shape());
  const auto compute = [&](View<T> y) {
    const ArenaScope memory(tape().gradients);
    const T* rows = rows_of(tape().gradients, value);
    for (Index i = 0; i < count_of(batch); ++i) {
      take_root(rows + i * n * n, n, y.data + i * n * n, batch, i);
    }
  };
  return record(sqrtm_op, tape().row_major(a.shape(), "sqrtm"), nullptr, compute, a);
}

}  // namespace autograd::linalg
