/// Rows of sorting, places in sorted arrays, and what is made of them.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "tests/ops/op_cases.hpp"
#include "tests/ops/op_cases_axes.hpp"

namespace op_cases {
namespace {

using List = std::vector<double>;

struct Line {
  Shape shape;
  Index axis;
  std::string text() const { return op_cases::text(shape) + " along " + std::to_string(axis); }
};
const std::vector<Line> lines = {{{1}, 0},    {{7}, -1},      {{3, 4}, 0},
                                 {{3, 4}, 1}, {{2, 3, 4}, 1}, {{2, 3, 4}, -3},
                                 {{0, 3}, 1}, {{3, 0}, 1},    {{3, 40}, 1}};

List order_of(const List& x) {
  List places(x.size());
  std::iota(places.begin(), places.end(), 0.0);
  std::ranges::stable_sort(places, {}, [&](double i) { return x[static_cast<std::size_t>(i)]; });
  return places;
}

void add_sort(Table& table) {
  for (const Line& line : lines) {
    const Index axis = line.axis;
    table
        .add(
            "sort", line.text(), {in(line.shape)}, [=](auto x) { return ag::sort(x, axis); },
            along(axis, [](List& x) { std::ranges::sort(x); }))
        .takes_heap();
    table
        .add(
            "argsort", line.text(), {digits(line.shape)},
            [=]<class V>(const V& x) { return V(ag::argsort(x, axis)); },
            along(axis, [](List& x) { x = order_of(x); }))
        .constant()
        .takes_heap();
  }
  const auto flattened = [](const std::vector<Array>& x) {
    List all(x[0].begin(), x[0].end());
    std::ranges::sort(all);
    return build({Index(all.size())}, [&](const Place& p) { return all[std::size_t(p[0])]; });
  };
  table
      .add(
          "sort", "flattened", {in({3, 4})}, [](auto x) { return ag::sort(x, {}); }, flattened)
      .takes_heap();
}

/// Element number kth, and the sums before and after it, which do not depend on the order there.
List parts_of(List x, std::size_t kth) {
  std::ranges::sort(x);
  const auto middle = x.begin() + static_cast<Index>(kth);
  return {std::accumulate(x.begin(), middle, 0.0), *middle,
          std::accumulate(middle + 1, x.end(), 0.0)};
}
template <class V>
V parts_of(const V& x, Index kth) {
  const auto part = [&](Index from, Index to) { return ag::sum(ag::view(x, xt::range(from, to))); };
  return ag::stack({part(0, kth), x[kth], part(kth + 1, x.size())});
}

void add_partition(Table& table) {
  const Reference parts = [](const std::vector<Array>& x) {
    const List list = parts_of(List(x[0].begin(), x[0].end()), 2);
    return build({3}, [&](const Place& p) { return list[std::size_t(p[0])]; });
  };
  table
      .add(
          "partition", "of a vector", {in({7})},
          [](auto x) { return parts_of(ag::partition(x, 2), 2); }, parts)
      .takes_heap();
  table
      .add(
          "partition", "flattened, from the end", {in({3, 4})},
          [](auto x) { return parts_of(ag::partition(x, -10, {}), 2); }, parts)
      .of_fixed_size()
      .takes_heap();
  table
      .add(
          "partition", "along an axis", {in({3, 4})},
          [](auto x) { return ag::view(ag::partition(x, 1, 0), 1); },
          reduced({{{0}}}, [](List x) { return parts_of(x, 1)[1]; }))
      .takes_heap();
  table
      .add(
          "argpartition", "of a vector", {in({7})},
          []<class V>(const V& x) {
            return ag::stop_gradient(parts_of(ag::take(x, ag::argpartition(x, 2)), 2));
          },
          parts)
      .constant()
      .takes_heap();
}

double count_below(const Array& sorted, double x, bool or_equal) {
  return double(std::ranges::count_if(
      sorted, [&](double each) { return each < x || (or_equal && each == x); }));
}

void add_places(Table& table) {
  const Array a = {-1, 0, 0, 1};
  const auto add = [&](const char* op, const std::string& what, const auto& f, bool or_equal) {
    table
        .add(op, what, {digits({3, 4}, -2, 2)}, f,
             [=](const std::vector<Array>& x) {
               return build(shape_of(x[0]),
                            [&](const Place& p) { return count_below(a, at(x[0], p), or_equal); });
             })
        .constant()
        .takes_heap();
  };
  // clang-format off
  add("searchsorted", "left", [=]<class V>(const V& x) { return V(ag::searchsorted(V(xt::cast<typename V::value_type>(a)), x)); }, false);
  add("searchsorted", "right", [=]<class V>(const V& x) { return V(ag::searchsorted(V(xt::cast<typename V::value_type>(a)), x, ag::Side::right)); }, true);
  add("digitize", "rising bins", [=]<class V>(const V& x) { return V(ag::digitize(x, V(xt::cast<typename V::value_type>(a)))); }, true);
  add("digitize", "rising bins, right", [=]<class V>(const V& x) { return V(ag::digitize(x, V(xt::cast<typename V::value_type>(a)), true)); }, false);
  // In bins that fall, x is beyond as many as are larger.
  add("digitize", "falling bins", [=]<class V>(const V& x) { return 4 - V(ag::digitize(x, ag::flip(V(xt::cast<typename V::value_type>(a))))); }, true);
  add("digitize", "falling bins, right", [=]<class V>(const V& x) { return 4 - V(ag::digitize(x, ag::flip(V(xt::cast<typename V::value_type>(a))), true)); }, false);
  // clang-format on
}

void add_unwrap(Table& table) {
  // Steps of 5 are jumps of nearly a period; with the period 4 they are steps of 1.
  const auto steps = [](const auto& x, const auto& values) { return x / 100 + 5 * values; };
  const Array numbers = {0, 1, 2, 3, 4, 5, 6};
  const auto unwrapped = [=](double step) {
    return [=](const std::vector<Array>& x) {
      return build({7}, [&](const Place& p) { return at(x[0], p) / 100 + step * double(p[0]); });
    };
  };
  const auto add = [&](const char* what, const ag::Unwrap& options, double step) {
    table
        .add(
            "unwrap", what, {in({7})},
            [=]<class V>(const V& x) {
              return ag::unwrap(steps(x, V(xt::cast<typename V::value_type>(numbers))), options);
            },
            unwrapped(step))
        .of_fixed_size()
        .takes_heap();
  };
  add("a full turn", {}, 5 - 2 * 3.14159265358979323846);
  add("another period", {.period = 4}, 1);
  add("only larger jumps", {.discont = 6}, 5);
}

double interpolated(double x, const List& xp, const List& fp, double left, double right) {
  if (x < xp.front()) return left;
  if (x > xp.back()) return right;
  std::size_t i = 0;
  while (i + 2 < xp.size() && x >= xp[i + 1]) ++i;
  return fp[i] + (x - xp[i]) * (fp[i + 1] - fp[i]) / (xp[i + 1] - xp[i]);
}

void add_interp(Table& table) {
  // The points -2, ..., 2 with distances that the second argument changes a little.
  const auto points = [](const auto& xp, const auto& numbers) { return numbers + xp / 10; };
  const Array numbers = {-2, -1, 0, 1, 2};
  const auto add = [&](const char* what, bool outside) {
    table
        .add(
            "interp", what, {in({3, 4}, -3, 3), in({5}, -1, 1), in({5})},
            [=]<class V>(const V& x, const V& xp, const V& fp) {
              const V at = points(xp, V(xt::cast<typename V::value_type>(numbers)));
              if (outside) return ag::interp(x, at, fp, fp[2] * 2, 7);
              return ag::interp(x, at, fp);
            },
            [=](const std::vector<Array>& x) {
              const Array at_points = points(x[1], numbers);
              const List xp(at_points.begin(), at_points.end()), fp(x[2].begin(), x[2].end());
              return build({3, 4}, [&](const Place& p) {
                const double left = outside ? 2 * fp[2] : fp.front();
                return interpolated(at(x[0], p), xp, fp, left, outside ? 7 : fp.back());
              });
            })
        .of_fixed_size()
        .takes_heap();
  };
  add("ends", false);
  add("left and right", true);
  table
      .add(
          "interp", "a single point", {in({4}), constant(in({1})), in({1})},
          [](auto x, auto xp, auto fp) { return ag::interp(x, xp, fp) + x; },
          [](const std::vector<Array>& x) {
            return build({4}, [&](const Place& p) { return at(x[2], {0}) + at(x[0], p); });
          })
      .of_fixed_size();
}

double quantile(List x, double q) {
  std::ranges::sort(x);
  const double at = q * double(x.size() - 1);
  const auto lower = static_cast<std::size_t>(at), upper = std::min(lower + 1, x.size() - 1);
  return std::lerp(x[lower], x[upper], at - std::floor(at));
}

void add_quantiles(Table& table) {
  for (const Over& over : some_axes()) {
    if (over.group_size() == 0 || count(over.shape) > 100) continue;  // numbers keep a distance
    const ag::Reduce reduce = over.reduce();
    table
        .add(
            "median", over.text(), {in(over.shape)}, [=](auto x) { return ag::median(x, reduce); },
            reduced(over.axes, [](const List& x) { return quantile(x, 0.5); }))
        .takes_heap();
    table
        .add(
            "quantile", over.text(), {in(over.shape)},
            [=](auto x) { return ag::quantile(x, 0.3, reduce); },
            reduced(over.axes, [](const List& x) { return quantile(x, 0.3); }))
        .takes_heap();
    table
        .add(
            "percentile", over.text(), {in(over.shape)},
            [=](auto x) { return ag::percentile(x, 90, reduce); },
            reduced(over.axes, [](const List& x) { return quantile(x, 0.9); }))
        .takes_heap();
  }
  const auto add = [&](const char* what, ag::Between method, double (*choose)(double, double)) {
    table
        .add(
            "quantile", what, {in({6})}, [=](auto x) { return ag::quantile(x, 0.5, {}, method); },
            reduced({},
                    [=](List x) {
                      std::ranges::sort(x);
                      return choose(x[2], x[3]);
                    }))
        .of_fixed_size()
        .takes_heap();
  };
  // clang-format off
  add("lower", ag::Between::lower, [](double a, double) { return a; });
  add("higher", ag::Between::higher, [](double, double b) { return b; });
  add("nearest, the even place", ag::Between::nearest, [](double a, double) { return a; });
  add("midpoint", ag::Between::midpoint, [](double a, double b) { return (a + b) / 2; });
  // clang-format on
}

}  // namespace

void add_order(Table& table) {
  add_sort(table);
  add_partition(table);
  add_places(table);
  add_unwrap(table);
  add_interp(table);
  add_quantiles(table);
}

}  // namespace op_cases
