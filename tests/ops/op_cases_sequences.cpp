/// Rows of products and differences of sequences, and of what einsum and diff take besides.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "tests/ops/op_cases.hpp"

namespace op_cases {
namespace {

void add_cross(Table& table) {
  const Reference rows = [](const std::vector<Array>& x) {
    return build({Index(x[0].shape(0)), 3}, [&](const Place& p) {
      const Index i = (p[1] + 1) % 3, k = (p[1] + 2) % 3;
      return at(x[0], {p[0], i}) * at(x[1], {p[0], k}) - at(x[0], {p[0], k}) * at(x[1], {p[0], i});
    });
  };
  const auto transposed = [](const Array& x) {
    return build({Index(x.shape(1)), Index(x.shape(0))}, [&](const Place& p) {
      return at(x, {p[1], p[0]});
    });
  };
  const auto f = [](auto a, auto b) { return ag::cross(a, b); };
  table.add("cross", "rows", {in({4, 3}), in({4, 3})}, f, rows).of_fixed_size();
  table
      .add("cross", "which broadcast", {in({4, 3}), in({3})}, f,
           [=](const std::vector<Array>& x) {
             const Array b = build({4, 3}, [&](const Place& p) { return at(x[1], {p[1]}); });
             return rows({x[0], b});
           })
      .of_fixed_size();
  table
      .add(
          "cross", "columns", {in({3, 4}), in({3, 4})},
          [](auto a, auto b) { return ag::cross(a, b, {.axis = 0}); },
          [=](const std::vector<Array>& x) {
            return transposed(rows({transposed(x[0]), transposed(x[1])}));
          })
      .of_fixed_size();
  table
      .add("cross", "of two and three elements", {in({2}), in({3})}, f,
           [](const std::vector<Array>& x) {
             const double *a = x[0].data(), *b = x[1].data();
             const double c[] = {a[1] * b[2], -a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
             return build({3}, [&](const Place& p) { return c[p[0]]; });
           })
      .of_fixed_size();
  table
      .add("cross", "of two elements", {in({2}), in({2})}, f,
           [](const std::vector<Array>& x) {
             const double *a = x[0].data(), *b = x[1].data();
             return build({}, [&](const Place&) { return a[0] * b[1] - a[1] * b[0]; });
           })
      .of_fixed_size();
}

void add_vdot(Table& table) {
  for (const Shape& shape : {Shape{}, Shape{5}, Shape{3, 4}, Shape{0}}) {
    table.add(
        "vdot", text(shape), {in(shape), in(shape)}, [](auto a, auto b) { return ag::vdot(a, b); },
        [](const std::vector<Array>& x) {
          return build({}, [&](const Place&) {
            double total = 0;
            for (std::size_t i = 0; i < x[0].size(); ++i) total += x[0].data()[i] * x[1].data()[i];
            return total;
          });
        });
  }
}

/// The slope at place i of a line with coordinates x: of the parabola through three neighbours, or
/// at the edges of first order the slope between two.
double slope(const std::vector<double>& y, const std::vector<double>& x, std::size_t i, int order) {
  const std::size_t n = y.size(), middle = std::clamp<std::size_t>(i, 1, n == 2 ? 1 : n - 2);
  if (n == 2 || (order == 1 && (i == 0 || i == n - 1))) {
    const std::size_t k = i == 0 ? 1 : i;
    return (y[k] - y[k - 1]) / (x[k] - x[k - 1]);
  }
  double result = 0;
  for (std::size_t a = middle - 1; a <= middle + 1; ++a) {  // Lagrange's polynomials
    double of_a = 0, divisor = 1;
    for (std::size_t b = middle - 1; b <= middle + 1; ++b) {
      if (b == a) continue;
      divisor *= x[a] - x[b];
      of_a += x[i] - x[3 * middle - a - b];
    }
    result += y[a] * of_a / divisor;
  }
  return result;
}

void add_gradient(Table& table) {
  const auto along_axis = [](std::size_t axis, int order, auto coordinate) {
    return [=](const std::vector<Array>& x) {
      return build(shape_of(x[0]), [&](const Place& p) {
        std::vector<double> y, at_x;
        Place q = p;
        for (q[axis] = 0; q[axis] < Index(x[0].shape(axis)); ++q[axis]) {
          y.push_back(at(x[0], q));
          at_x.push_back(coordinate(x, q[axis]));
        }
        return slope(y, at_x, std::size_t(p[axis]), order);
      });
    };
  };
  const auto whole = [](const std::vector<Array>&, Index i) { return double(i); };
  const auto halves = [](const std::vector<Array>&, Index i) { return double(i) / 2; };
  // clang-format off
  table.add("gradient", "of a vector", {in({7})}, [](auto f) { return ag::gradient(f); }, along_axis(0, 1, whole));
  table.add("gradient", "of two elements", {in({2})}, [](auto f) { return ag::gradient(f); }, along_axis(0, 1, whole)).of_fixed_size();
  table.add("gradient", "rows, a distance", {in({3, 4})}, [](auto f) { return ag::gradient(f, 0.5, {.axis = 1}); }, along_axis(1, 1, halves));
  table.add("gradient", "columns, edges of order 2", {in({5, 2})}, [](auto f) { return ag::gradient(f, 1, {.axis = -2, .edge_order = 2}); }, along_axis(0, 2, whole));
  // clang-format on
  for (const int order : {1, 2}) {
    table
        .add(
            "gradient", "coordinates, edges of order " + std::to_string(order),
            {in({3, 5}), in({5}, -0.3, 0.3)},
            [=]<class V>(const V& f, const V& x) {
              const V numbers = xt::xarray<int>{0, 1, 2, 3, 4};
              return ag::gradient(f, numbers + x, {.axis = 1, .edge_order = order});
            },
            along_axis(
                1, order,
                [](const std::vector<Array>& x, Index i) { return double(i) + at(x[1], {i}); }))
        .of_fixed_size();
  }
}

/// Part of sums over i of a[i] v[n - i].
Array convolution(const Array& a, const Array& v, Index from, Index count) {
  return build({count}, [&](const Place& p) {
    double total = 0;
    for (Index i = 0; i < Index(a.size()); ++i) {
      const Index k = p[0] + from - i;
      if (k >= 0 && k < Index(v.size())) total += a.flat(std::size_t(i)) * v.flat(std::size_t(k));
    }
    return total;
  });
}
Array reversed(const Array& x) {
  const Index n = Index(x.size());
  return build({n}, [&](const Place& p) { return at(x, {n - 1 - p[0]}); });
}

void add_convolutions(Table& table) {
  const auto add = [&](Index n, Index m, ag::Mode mode, const char* what) {
    const Index longer = std::max(n, m), shorter = std::min(n, m);
    const Index from = mode == ag::Mode::full   ? 0
                       : mode == ag::Mode::same ? (shorter - 1) / 2
                                                : shorter - 1;
    const Index count = mode == ag::Mode::full   ? n + m - 1
                        : mode == ag::Mode::same ? longer
                                                 : longer - shorter + 1;
    const std::string name = text({n}) + text({m}) + ' ' + what;
    table
        .add(
            "convolve", name, {in({n}), in({m})},
            [=](auto a, auto v) { return ag::convolve(a, v, mode); },
            [=](const std::vector<Array>& x) { return convolution(x[0], x[1], from, count); })
        .of_fixed_size();
    table
        .add(
            "correlate", name, {in({n}), in({m})},
            [=](auto a, auto v) { return ag::correlate(a, v, mode); },
            [=](const std::vector<Array>& x) {
              if (m <= n) return convolution(x[0], reversed(x[1]), from, count);
              return reversed(convolution(x[1], reversed(x[0]), from, count));
            })
        .of_fixed_size();
  };
  for (const auto& [n, m] : {std::pair<Index, Index>{6, 3}, {6, 4}, {3, 6}, {4, 1}, {3, 3}}) {
    add(n, m, ag::Mode::full, "full");
    add(n, m, ag::Mode::same, "same");
    add(n, m, ag::Mode::valid, "valid");
  }
}

void add_polynomials(Table& table) {
  const auto powers = [](Index count, bool increasing) {
    return [=](const std::vector<Array>& x) {
      return build({Index(x[0].size()), count}, [&](const Place& p) {
        return std::pow(at(x[0], {p[0]}), double(increasing ? p[1] : count - 1 - p[1]));
      });
    };
  };
  // clang-format off
  table.add("vander", "square", {in({4})}, [](auto x) { return ag::vander(x); }, powers(4, false)).of_fixed_size().takes_heap();
  table.add("vander", "increasing", {in({4})}, [](auto x) { return ag::vander(x, 3, true); }, powers(3, true)).of_fixed_size().takes_heap();
  table.add("vander", "no powers", {in({4})}, [](auto x) { return ag::vander(x, 0); }, powers(0, true)).of_fixed_size().takes_heap();
  // clang-format on
  table
      .add(
          "polyval", "of degree 3", {in({4}), in({3, 2})},
          [](auto p, auto x) { return ag::polyval(p, x); },
          [](const std::vector<Array>& x) {
            const double* p = x[0].data();
            return build(shape_of(x[1]), [&](const Place& place) {
              const double t = at(x[1], place);
              return ((p[0] * t + p[1]) * t + p[2]) * t + p[3];
            });
          })
      .of_fixed_size();
}

void add_einsum(Table& table) {
  const auto add = [&](const char* subscripts, const Shape& a, const Shape& b,
                       const char* in_full) {
    table
        .add(
            "einsum", subscripts + text(a) + text(b), {in(a), in(b)},
            [=](auto x, auto y) {
              return ag::einsum(subscripts, {x, y});
            },
            contraction(in_full))
        .of_fixed_size();
  };
  add("ij,jk->ik", {2, 1}, {3, 4}, "ij,jk->ik");
  add("ij,ij->ij", {2, 1}, {1, 3}, "ij,ij->ij");
  add("ij,ij->j", {2, 3}, {1, 3}, "ij,ij->j");
  add("...ij,...jk->...ik", {2, 2, 3}, {2, 3, 2}, "aij,ajk->aik");
  add("...ij,...jk->...ik", {2, 1, 2, 3}, {3, 3, 2}, "abij,bjk->abik");
  add("...ij,...j->...i", {3, 2}, {2, 2}, "ij,aj->ai");
  add("...,...", {2, 3}, {3}, "ab,b->ab");
  add("i...,i...->...", {2, 3}, {2, 1}, "ia,ia->a");
  table
      .add(
          "einsum", "...ii->...i", {in({2, 3, 3})},
          [](auto x) { return ag::einsum("...ii->...i", {x}); },
          moved({2, 3},
                [](auto& p) {
                  return Place{p[0], p[1], p[1]};
                }))
      .of_fixed_size()
      .takes_heap();
}

void add_diff(Table& table) {
  const auto differences = [](const std::vector<Array>& x) {
    std::vector<double> all(x[1].begin(), x[1].end());
    all.insert(all.end(), x[0].begin(), x[0].end());
    if (x.size() == 3) all.insert(all.end(), x[2].begin(), x[2].end());
    return build({Index(all.size()) - 1}, [&](const Place& p) {
      return all[std::size_t(p[0]) + 1] - all[std::size_t(p[0])];
    });
  };
  // clang-format off
  table.add("diff", "after a number", {in({5}), in({})}, [](auto x, auto a) { return ag::diff(x, 1, -1, a); }, differences).of_fixed_size();
  table.add("diff", "between arrays", {in({5}), in({2}), in({1})}, [](auto x, auto a, auto b) { return ag::diff(x, 1, 0, a, b); }, differences).of_fixed_size();
  // clang-format on
  table
      .add(
          "diff", "columns after a number, twice", {in({4, 2}), in({})},
          [](auto x, auto a) { return ag::diff(x, 2, 0, a); },
          [](const std::vector<Array>& x) {
            const auto from_number = [&](Index i, Index k) {
              return i == 0 ? at(x[1], {}) : at(x[0], {i - 1, k});
            };
            return build({3, 2}, [&](const Place& p) {
              return from_number(p[0] + 2, p[1]) - 2 * from_number(p[0] + 1, p[1]) +
                     from_number(p[0], p[1]);
            });
          })
      .of_fixed_size();
}

}  // namespace

void add_sequences(Table& table) {
  add_cross(table);
  add_vdot(table);
  add_gradient(table);
  add_convolutions(table);
  add_polynomials(table);
  add_einsum(table);
  add_diff(table);
}

}  // namespace op_cases
