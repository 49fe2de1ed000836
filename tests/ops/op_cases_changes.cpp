/// Rows of set and add_at.
#include <array>
#include <functional>
#include <optional>
#include <vector>

#include "tests/ops/op_cases.hpp"

namespace op_cases {
namespace {

using namespace xt::placeholders;

/// The place of the value that goes to a place of x; none where x keeps its own.
using Into = std::function<std::optional<Place>(const Place&)>;

Reference changed(const Into& into, bool adding) {
  return [=](const std::vector<Array>& x) {
    return build(shape_of(x[0]), [&](const Place& p) {
      const std::optional<Place> from = into(p);
      if (!from) return at(x[0], p);
      return (adding ? at(x[0], p) : 0.0) + at(x[1], *from);
    });
  };
}

/// Both functions, for the slices that `change` passes on.
template <class F>
void add(Table& table, const char* what, const Shape& x, const Shape& value, const F& change,
         const Into& into) {
  table
      .add(
          "set", what, {in(x), in(value)},
          [=](auto a, auto v) {
            return change([&](const auto&... slices) { return ag::set(a, slices..., v); });
          },
          changed(into, false))
      .of_fixed_size();
  table
      .add(
          "add_at", what, {in(x), in(value)},
          [=](auto a, auto v) {
            return change([&](const auto&... slices) { return ag::add_at(a, slices..., v); });
          },
          changed(into, true))
      .of_fixed_size();
}

std::optional<Place> when(bool inside, const Place& from) {
  return inside ? std::optional(from) : std::nullopt;
}

void add_vectors(Table& table) {
  // clang-format off
  add(table, "x[2]", {5}, {}, [](auto f) { return f(2); }, [](auto& p) { return when(p[0] == 2, {}); });
  add(table, "x[-1]", {5}, {}, [](auto f) { return f(-1); }, [](auto& p) { return when(p[0] == 4, {}); });
  add(
      table, "x[1:4]", {5}, {3}, [](auto f) { return f(xt::range(1, 4)); },
      [](auto& p) { return when(p[0] >= 1 && p[0] < 4, {p[0] - 1}); });
  add(
      table, "x[1:4], a scalar", {5}, {}, [](auto f) { return f(xt::range(1, 4)); },
      [](auto& p) { return when(p[0] >= 1 && p[0] < 4, {}); });
  add(
      table, "x[::2]", {5}, {3}, [](auto f) { return f(xt::range(0, _, 2)); },
      [](auto& p) { return when(p[0] % 2 == 0, {p[0] / 2}); });
  add(
      table, "x[::-1]", {5}, {5}, [](auto f) { return f(xt::range(_, _, -1)); },
      [](auto& p) { return when(true, {4 - p[0]}); });
  add(table, "all of x", {5}, {5}, [](auto f) { return f(xt::all()); }, [](auto& p) { return when(true, p); });
  add(table, "nothing", {5}, {0}, [](auto f) { return f(xt::range(3, 3)); }, [](auto&) { return std::nullopt; });
  add(table, "of nothing", {0}, {}, [](auto f) { return f(xt::all()); }, [](auto&) { return std::nullopt; });
  // clang-format on
}

void add_matrices(Table& table) {
  add(
      table, "a row", {3, 4}, {4}, [](auto f) { return f(1); },
      [](auto& p) { return when(p[0] == 1, {p[1]}); });
  add(
      table, "a column", {3, 4}, {3}, [](auto f) { return f(xt::all(), -1); },
      [](auto& p) { return when(p[1] == 3, {p[0]}); });
  add(
      table, "an element", {3, 4}, {}, [](auto f) { return f(1, 2); },
      [](auto& p) { return when(p[0] == 1 && p[1] == 2, {}); });
  add(
      table, "a block", {4, 5}, {2, 2}, [](auto f) { return f(xt::range(1, 3), xt::range(2, 4)); },
      [](auto& p) {
        return when(p[0] >= 1 && p[0] < 3 && p[1] >= 2 && p[1] < 4, {p[0] - 1, p[1] - 2});
      });
  add(
      table, "rows, broadcast", {4, 3}, {3}, [](auto f) { return f(xt::range(0, _, 2)); },
      [](auto& p) { return when(p[0] % 2 == 0, {p[1]}); });
  add(
      table, "columns, broadcast", {3, 4}, {3, 1},
      [](auto f) { return f(xt::all(), xt::range(2, _)); },
      [](auto& p) {
        return when(p[1] >= 2, {p[0], 0});
      });
  add(
      table, "x[..., None, 0]", {3, 4}, {3, 1},
      [](auto f) { return f(xt::ellipsis(), xt::newaxis(), 0); },
      [](auto& p) {
        return when(p[1] == 0, {p[0], 0});
      });
}

/// Values that are numbers, arrays, or x itself; lists of slices.
void add_values(Table& table) {
  const auto doubled_first = [](const std::vector<Array>& x) {
    return build(shape_of(x[0]), [&](const Place& p) { return at(x[0], p) * (p[0] == 0 ? 2 : 1); });
  };
  table.add(
      "set", "a number", {in({4})}, [](auto x) { return ag::set(x, 1, 7); },
      [](const std::vector<Array>& x) {
        return build(shape_of(x[0]), [&](const Place& p) { return p[0] == 1 ? 7 : at(x[0], p); });
      });
  // clang-format off
  table.add("set", "a function of x", {in({4})}, [](auto x) { return ag::set(x, 0, ag::view(x, 0) * 2); }, doubled_first);
  table.add("add_at", "x to itself", {in({4})}, [](auto x) { return ag::add_at(x, 0, ag::view(x, 0)); }, doubled_first);
  // clang-format on
  const auto list = [] { return std::array{ag::Slice{ag::Slice::index, 0}}; };
  table.add(
      "set", "a list of slices", {in({4})},
      [=](auto x) {
        const auto slices = list();
        return ag::set(x, std::span<const ag::Slice>(slices), x[0] + x[0]);
      },
      doubled_first);
  table.add(
      "add_at", "a list of slices", {in({4})},
      [=](auto x) {
        const auto slices = list();
        return ag::add_at(x, std::span<const ag::Slice>(slices), x[0]);
      },
      doubled_first);
  table.add(
      "set", "twice at one place", {in({4}), in({})},
      [](auto x, auto v) { return ag::set(ag::set(x, 1, v), 1, v * v); },
      [](const std::vector<Array>& x) {
        const double v = at(x[1], {});
        return build(shape_of(x[0]),
                     [&](const Place& p) { return p[0] == 1 ? v * v : at(x[0], p); });
      });
}

}  // namespace

void add_changes(Table& table) {
  add_vectors(table);
  add_matrices(table);
  add_values(table);
}

}  // namespace op_cases
