/// Rows of weighted means, statistics without NaN, covariances and integrals.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "tests/ops/op_cases.hpp"
#include "tests/ops/op_cases_axes.hpp"

namespace op_cases {
namespace {

using List = std::vector<double>;
constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

double sum_of(const List& x) { return std::accumulate(x.begin(), x.end(), 0.0); }
double mean_of(const List& x) { return sum_of(x) / double(x.size()); }
double product_of(const List& x) {
  return std::accumulate(x.begin(), x.end(), 1.0, std::multiplies<>());
}
double squares_of(const List& x) {
  double total = 0;
  for (double each : x) total += (each - mean_of(x)) * (each - mean_of(x));
  return total;
}

/// A reduction over all kinds of axes.
template <class F>
void add(Table& table, const char* op, const F& f, double (*value)(const List&)) {
  for (const Over& over : some_axes()) {
    if (over.group_size() == 0) continue;
    table.add(
        op, over.text(), {in(over.shape)},
        [=, reduce = over.reduce()](auto x) { return f(x, reduce); },
        reduced(over.axes, [=](const List& x) { return value(x); }));
  }
}

/// A reduction of numbers with NaN among them: in place of those below -1.
template <class F>
void add_without_nan(Table& table, const char* op, const std::string& what, const F& f,
                     double (*value)(const List&)) {
  for (const Over& over : {Over{{3, 4}, {}}, Over{{3, 4}, {{{1}}}},
                           Over{{2, 3, 4}, {{{0, 2}}, true}}, Over{{7}, {}}}) {
    table.add(
        op, over.text() + what, {off_integers(over.shape, -2, 2)},
        [=, reduce = over.reduce()](auto x) { return f(ag::where(x < -1, no_number, x), reduce); },
        reduced(over.axes, [=](List x) {
          std::erase_if(x, [](double each) { return each < -1; });
          return x.empty() ? no_number : value(x);
        }));
  }
}

void add_plain(Table& table) {
  // clang-format off
  add(table, "average", [](auto x, const ag::Reduce& over) { return ag::average(x, over); }, mean_of);
  add(table, "ptp", [](auto x, const ag::Reduce& over) { return ag::ptp(x, over); }, [](const List& x) { return std::ranges::max(x) - std::ranges::min(x); });
  // clang-format on
  for (const Over& over : some_axes()) {
    table
        .add(
            "count_nonzero", over.text(), {digits(over.shape)},
            [reduce = over.reduce()](auto x) { return ag::count_nonzero(x, reduce); },
            reduced(
                over.axes,
                [](const List& x) { return double(x.size()) - double(std::ranges::count(x, 0)); }))
        .constant();
  }
}

void add_weighted(Table& table) {
  table.add(
      "average", "weights of the same shape", {in({3, 4}), in({3, 4}, 0.5, 2)},
      [](auto x, auto w) { return ag::average(x, w, 0); },
      [](const std::vector<Array>& x) {
        return build({Index(x[0].shape(1))}, [&](const Place& p) {
          double sum = 0, weights = 0;
          for (Index i = 0; i < Index(x[0].shape(0)); ++i) {
            sum += at(x[0], {i, p[0]}) * at(x[1], {i, p[0]});
            weights += at(x[1], {i, p[0]});
          }
          return sum / weights;
        });
      });
  table.add(
      "average", "a vector of weights", {in({4, 3}), in({4}, 0.5, 2)},
      [](auto x, auto w) { return ag::average(x, w, -2); },
      [](const std::vector<Array>& x) {
        return build({Index(x[0].shape(1))}, [&](const Place& p) {
          double sum = 0, weights = 0;
          for (Index i = 0; i < Index(x[0].shape(0)); ++i) {
            sum += at(x[0], {i, p[0]}) * at(x[1], {i});
            weights += at(x[1], {i});
          }
          return sum / weights;
        });
      });
}

void add_numbers_only(Table& table) {
  const auto add_all = [&](const auto& add_one) {
    // clang-format off
    add_one("nansum", [](auto x, const ag::Reduce& over) { return ag::nansum(x, over); }, [](const List& x) { return sum_of(x); });
    add_one("nanprod", [](auto x, const ag::Reduce& over) { return ag::nanprod(x, over); }, [](const List& x) { return product_of(x); });
    add_one("nanmean", [](auto x, const ag::Reduce& over) { return ag::nanmean(x, over); }, [](const List& x) { return mean_of(x); });
    add_one("nanmax", [](auto x, const ag::Reduce& over) { return ag::nanmax(x, over); }, [](const List& x) { return std::ranges::max(x); });
    add_one("nanmin", [](auto x, const ag::Reduce& over) { return ag::nanmin(x, over); }, [](const List& x) { return std::ranges::min(x); });
    add_one("nanvar", [](auto x, const ag::Reduce& over) { return ag::nanvar(x, over); }, [](const List& x) { return squares_of(x) / double(x.size()); });
    // clang-format on
  };
  add_all([&](const char* op, const auto& f, double (*value)(const List&)) {
    add(table, op, f, value);
  });
  add_all([&](const char* op, const auto& f, double (*value)(const List&)) {
    add_without_nan(table, op, " with NaN", f, value);
  });
  add_without_nan(
      table, "nanvar", " with NaN, ddof 1",
      [](auto x, const ag::Reduce& over) { return ag::nanvar(x, over, 1); },
      [](const List& x) {
        return x.size() < 2 ? no_number : squares_of(x) / double(x.size() - 1);
      });
  table.add(
      "nanstd", "with NaN", {off_integers({7}, -2, 2)},
      [](auto x) { return ag::nanstd(ag::where(x < -1, no_number, x), {}, 1); },
      reduced({}, [](List x) {
        std::erase_if(x, [](double each) { return each < -1; });
        return std::sqrt(squares_of(x) / double(x.size() - 1));
      }));
}

/// The covariance matrix of the rows of a matrix.
Array covariances(const std::vector<List>& rows, double divisor) {
  const auto count = static_cast<Index>(rows.size());
  return build({count, count}, [&](const Place& p) {
    const List &x = rows[std::size_t(p[0])], &y = rows[std::size_t(p[1])];
    double total = 0;
    for (std::size_t i = 0; i < x.size(); ++i) total += (x[i] - mean_of(x)) * (y[i] - mean_of(y));
    return total / divisor;
  });
}
void add_rows(std::vector<List>& rows, const Array& x, bool by_row) {
  const std::size_t variables = x.shape(by_row ? 0 : 1), count = x.shape(by_row ? 1 : 0);
  for (std::size_t i = 0; i < variables; ++i) {
    List& row = rows.emplace_back();
    for (std::size_t k = 0; k < count; ++k) row.push_back(by_row ? x(i, k) : x(k, i));
  }
}

void add_covariances(Table& table) {
  const auto of = [](bool by_row, double less, bool correlation) {
    return [=](const std::vector<Array>& x) {
      std::vector<List> rows;
      for (const Array& each : x) add_rows(rows, each, by_row);
      Array c = covariances(rows, double(rows[0].size()) - less);
      if (!correlation) return c;
      const Array all = c;
      return build(shape_of(c), [&](const Place& p) {
        return at(all, p) / std::sqrt(at(all, {p[0], p[0]}) * at(all, {p[1], p[1]}));
      });
    };
  };
  // clang-format off
  table.add("cov", "(3, 5)", {in({3, 5})}, [](auto x) { return ag::cov(x); }, of(true, 1, false)).takes_heap();
  table.add("cov", "columns, bias", {in({5, 3})}, [](auto x) { return ag::cov(x, {.rowvar = false, .bias = true}); }, of(false, 0, false)).takes_heap();
  table.add("cov", "of two", {in({2, 5}), in({3, 5})}, [](auto x, auto y) { return ag::cov(x, y, {.ddof = 2}); }, of(true, 2, false));
  table.add("corrcoef", "(3, 5)", {in({3, 5})}, [](auto x) { return ag::corrcoef(x); }, of(true, 1, true)).takes_heap();
  table.add("corrcoef", "of two", {in({2, 5}), in({1, 5})}, [](auto x, auto y) { return ag::corrcoef(x, y); }, of(true, 1, true));
  // clang-format on
  table
      .add(
          "cov", "the variance of a vector", {in({5})}, [](auto x) { return ag::cov(x); },
          reduced({}, [](const List& x) { return squares_of(x) / double(x.size() - 1); }))
      .takes_heap();
}

void add_integrals(Table& table) {
  const auto integral = [](const List& y, double dx) {
    double total = 0;
    for (std::size_t i = 1; i < y.size(); ++i) total += (y[i] + y[i - 1]) / 2 * dx;
    return total;
  };
  for (const Over& over : {Over{{1}, {{{0}}}}, Over{{7}, {{{0}}}}, Over{{3, 4}, {{{0}}}},
                           Over{{2, 3, 4}, {{{-2}}}}, Over{{3, 0}, {{{1}}}}}) {
    const Index axis = (*over.axes.list)[0];
    table.add(
        "trapezoid", over.text(), {in(over.shape)},
        [=](auto y) { return ag::trapezoid(y, {.dx = 0.5, .axis = axis}); },
        reduced(over.axes, [=](const List& y) { return integral(y, 0.5); }));
  }
  const Reference along_rows = [](const std::vector<Array>& x) {
    return build({Index(x[0].shape(0))}, [&](const Place& p) {
      double total = 0;
      for (Index i = 1; i < Index(x[0].shape(1)); ++i) {
        const Place here{p[0], i}, before{p[0], i - 1};
        total += (at(x[0], here) + at(x[0], before)) / 2 * (at(x[1], here) - at(x[1], before));
      }
      return total;
    });
  };
  const auto f = [](auto y, auto x) { return ag::trapezoid(y, x); };
  table.add("trapezoid", "places of each sample", {in({3, 4}), in({3, 4})}, f, along_rows);
  table.add("trapezoid", "a vector of places", {in({3, 4}), in({4})}, f,
            [=](const std::vector<Array>& x) {
              const Array places =
                  build(shape_of(x[0]), [&](const Place& p) { return at(x[1], {p[1]}); });
              return along_rows({x[0], places});
            });
}

}  // namespace

void add_averages(Table& table) {
  add_plain(table);
  add_weighted(table);
  add_numbers_only(table);
  add_covariances(table);
  add_integrals(table);
}

}  // namespace op_cases
