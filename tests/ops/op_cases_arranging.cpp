/// Rows of what puts arrays together, takes them apart and turns them.
#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/ops/op_cases.hpp"

namespace op_cases {
namespace {

using From = std::function<Place(const Place&)>;

/// What moves elements of one array.
template <class F>
Row& add(Table& table, const char* op, const std::string& what, const Shape& shape, const F& f,
         const Shape& result, const From& from) {
  return table.add(op, what, {in(shape)}, f, moved(result, from)).of_fixed_size().takes_heap();
}

/// What joins two arrays: which of them an element comes from, and from which place.
struct Source {
  int array;
  Place place;
};
template <class F>
void join(Table& table, const char* op, const std::string& what, const Shape& a, const Shape& b,
          const F& f, const Shape& result, const std::function<Source(const Place&)>& from) {
  table
      .add(op, what, {in(a), in(b)}, f,
           [=](const std::vector<Array>& x) {
             return build(result, [&](const Place& p) {
               const Source source = from(p);
               return at(x[std::size_t(source.array)], source.place);
             });
           })
      .of_fixed_size();
}

void add_ranks(Table& table) {
  const auto same = [](const Place& p) { return p; };
  // clang-format off
  add(table, "atleast_1d", "a number", {}, [](auto x) { return ag::atleast_1d(x); }, {1}, [](auto&) { return Place{}; });
  add(table, "atleast_1d", "a matrix", {3, 4}, [](auto x) { return ag::atleast_1d(x); }, {3, 4}, same);
  add(table, "atleast_2d", "a number", {}, [](auto x) { return ag::atleast_2d(x); }, {1, 1}, [](auto&) { return Place{}; });
  add(table, "atleast_2d", "a vector", {4}, [](auto x) { return ag::atleast_2d(x); }, {1, 4}, [](auto& p) { return Place{p[1]}; });
  add(table, "atleast_3d", "a number", {}, [](auto x) { return ag::atleast_3d(x); }, {1, 1, 1}, [](auto&) { return Place{}; });
  add(table, "atleast_3d", "a vector", {4}, [](auto x) { return ag::atleast_3d(x); }, {1, 4, 1}, [](auto& p) { return Place{p[1]}; });
  add(table, "atleast_3d", "a matrix", {3, 4}, [](auto x) { return ag::atleast_3d(x); }, {3, 4, 1}, [](auto& p) { return Place{p[0], p[1]}; });
  // clang-format on
}

Source along(const Place& p, std::size_t axis, Index extent) {
  Place place = p;
  const bool second = p[axis] >= extent;
  if (second) place[axis] -= extent;
  return {second, place};
}

void add_stacks(Table& table) {
  // clang-format off
  join(table, "hstack", "vectors", {3}, {2}, [](auto a, auto b) { return ag::hstack({a, b}); }, {5}, [](auto& p) { return along(p, 0, 3); });
  join(table, "hstack", "matrices", {2, 3}, {2, 1}, [](auto a, auto b) { return ag::hstack({a, b}); }, {2, 4}, [](auto& p) { return along(p, 1, 3); });
  join(table, "hstack", "numbers", {}, {}, [](auto a, auto b) { return ag::hstack({a, b}); }, {2}, [](auto& p) { return Source{int(p[0]), {}}; });
  join(table, "vstack", "vectors", {3}, {3}, [](auto a, auto b) { return ag::vstack({a, b}); }, {2, 3}, [](auto& p) { return Source{int(p[0]), {p[1]}}; });
  join(table, "vstack", "a matrix and a vector", {2, 3}, {3}, [](auto a, auto b) { return ag::vstack({a, b}); }, {3, 3}, [](auto& p) { return p[0] < 2 ? Source{0, p} : Source{1, {p[1]}}; });
  join(table, "dstack", "matrices", {2, 3}, {2, 3}, [](auto a, auto b) { return ag::dstack({a, b}); }, {2, 3, 2}, [](auto& p) { return Source{int(p[2]), {p[0], p[1]}}; });
  join(table, "column_stack", "vectors", {3}, {3}, [](auto a, auto b) { return ag::column_stack({a, b}); }, {3, 2}, [](auto& p) { return Source{int(p[1]), {p[0]}}; });
  join(table, "column_stack", "a vector and a matrix", {3}, {3, 2}, [](auto a, auto b) { return ag::column_stack({a, b}); }, {3, 3}, [](auto& p) { return p[1] == 0 ? Source{0, {p[0]}} : Source{1, {p[0], p[1] - 1}}; });
  join(table, "block", "two by two", {2, 3}, {2, 1}, [](auto a, auto b) { return ag::block({{a, b}, {b, a}}); }, {4, 4},
       [](auto& p) { const bool below = p[0] >= 2; const Place q{p[0] % 2, p[1]}; return below ? (p[1] < 1 ? Source{1, q} : Source{0, {q[0], p[1] - 1}}) : along(q, 1, 3); });
  join(table, "append", "flattened", {2, 2}, {3}, [](auto a, auto b) { return ag::append(a, b); }, {7}, [](auto& p) { return p[0] < 4 ? Source{0, {p[0] / 2, p[0] % 2}} : Source{1, {p[0] - 4}}; });
  join(table, "append", "along an axis", {2, 3}, {2, 1}, [](auto a, auto b) { return ag::append(a, b, -1); }, {2, 4}, [](auto& p) { return along(p, 1, 3); });
  // clang-format on
}

void add_insertions(Table& table) {
  // clang-format off
  join(table, "insert", "a number before a place", {4}, {}, [](auto a, auto b) { return ag::insert(a, 1, b); }, {5},
       [](auto& p) { return p[0] == 1 ? Source{1, {}} : Source{0, {p[0] - (p[0] > 1)}}; });
  join(table, "insert", "several before one place", {4}, {2}, [](auto a, auto b) { return ag::insert(a, -1, b); }, {6},
       [](auto& p) { return p[0] < 3 ? Source{0, p} : p[0] < 5 ? Source{1, {p[0] - 3}} : Source{0, {3}}; });
  join(table, "insert", "rows at places out of order", {3, 2}, {2, 2}, [](auto a, auto b) { return ag::insert(a, {3, 0}, b, 0); }, {5, 2},
       [](auto& p) { return p[0] == 0 ? Source{1, {1, p[1]}} : p[0] == 4 ? Source{1, {0, p[1]}} : Source{0, {p[0] - 1, p[1]}}; });
  join(table, "insert", "a column", {3, 2}, {3}, [](auto a, auto b) { return ag::insert(a, 1, b, 1); }, {3, 3},
       [](auto& p) { return p[1] == 1 ? Source{1, {p[0]}} : Source{0, {p[0], p[1] / 2}}; });
  add(table, "delete_", "one, flattened", {2, 3}, [](auto x) { return ag::delete_(x, 1); }, {5}, [](auto& p) { const Index flat = p[0] + (p[0] > 0); return Place{flat / 3, flat % 3}; });
  add(table, "delete_", "rows", {4, 2}, [](auto x) { return ag::delete_(x, {0, -2, 0}, 0); }, {2, 2}, [](auto& p) { return Place{1 + 2 * p[0], p[1]}; });
  add(table, "delete_", "an array of places", {5}, [](auto x) { return ag::delete_(x, xt::xarray<int>{4, 1}); }, {3}, [](auto& p) { return Place{p[0] + (p[0] > 0)}; });
  // clang-format on
}

/// The parts of a division, each with a factor of its own, side by side in one vector.
template <class V>
V joined_parts(const std::vector<V>& parts) {
  std::vector<V> flat;
  double factor = 1;
  for (const V& part : parts) flat.push_back(ag::ravel(part) * factor++);
  return ag::concatenate(std::span<const V>(flat));
}

/// Parts that begin at places of an axis.
template <class F>
void divide(Table& table, const char* op, const std::string& what, const Shape& shape, const F& f,
            std::size_t axis, std::vector<Index> from) {
  from.push_back(shape[axis]);
  const Reference reference = [=](const std::vector<Array>& x) {
    std::vector<double> all;
    for (std::size_t k = 0; k + 1 < from.size(); ++k) {
      Shape part = shape;
      part[axis] = from[k + 1] - from[k];
      build(part, [&](Place p) {
        p[axis] += from[k];
        all.push_back(at(x[0], p) * double(k + 1));
        return 0.0;
      });
    }
    return build({Index(all.size())}, [&](const Place& p) { return all[std::size_t(p[0])]; });
  };
  table
      .add(
          op, what, {in(shape)}, [=](auto x) { return joined_parts(f(x)); }, reference)
      .of_fixed_size()
      .takes_heap();
}

void add_divisions(Table& table) {
  // clang-format off
  divide(table, "split", "at places", {7, 2}, [](auto x) { return ag::split(x, {2, 5}); }, 0, {0, 2, 5});
  divide(table, "split", "at one place", {2, 5}, [](auto x) { return ag::split(x, {3}, 1); }, 1, {0, 3});
  divide(table, "split", "at places from the end", {6}, [](auto x) { return ag::split(x, {1, -2}); }, 0, {0, 1, 4});
  divide(table, "array_split", "unequal parts", {8, 2}, [](auto x) { return ag::array_split(x, 3); }, 0, {0, 3, 6});
  divide(table, "array_split", "more parts than elements", {2}, [](auto x) { return ag::array_split(x, 3); }, 0, {0, 1, 2});
  divide(table, "array_split", "at places", {2, 5}, [](auto x) { return ag::array_split(x, {1}, -1); }, 1, {0, 1});
  divide(table, "hsplit", "a vector", {6}, [](auto x) { return ag::hsplit(x, 3); }, 0, {0, 2, 4});
  divide(table, "hsplit", "a matrix", {2, 4}, [](auto x) { return ag::hsplit(x, 2); }, 1, {0, 2});
  divide(table, "vsplit", "a matrix", {4, 2}, [](auto x) { return ag::vsplit(x, {1}); }, 0, {0, 1});
  divide(table, "dsplit", "a cube", {2, 2, 4}, [](auto x) { return ag::dsplit(x, 2); }, 2, {0, 2});
  // clang-format on
}

void add_turns(Table& table) {
  // clang-format off
  add(table, "fliplr", "a matrix", {3, 4}, [](auto x) { return ag::fliplr(x); }, {3, 4}, [](auto& p) { return Place{p[0], 3 - p[1]}; });
  add(table, "flipud", "a matrix", {3, 4}, [](auto x) { return ag::flipud(x); }, {3, 4}, [](auto& p) { return Place{2 - p[0], p[1]}; });
  add(table, "flip", "two axes", {2, 3, 4}, [](auto x) { return ag::flip(x, {0, -1}); }, {2, 3, 4}, [](auto& p) { return Place{1 - p[0], p[1], 3 - p[2]}; });
  add(table, "rot90", "once", {3, 4}, [](auto x) { return ag::rot90(x); }, {4, 3}, [](auto& p) { return Place{p[1], 3 - p[0]}; });
  add(table, "rot90", "twice", {3, 4}, [](auto x) { return ag::rot90(x, 2); }, {3, 4}, [](auto& p) { return Place{2 - p[0], 3 - p[1]}; });
  add(table, "rot90", "back, in other axes", {2, 3, 4}, [](auto x) { return ag::rot90(x, -1, {1, 2}); }, {2, 4, 3}, [](auto& p) { return Place{p[0], 2 - p[2], p[1]}; });
  add(table, "rot90", "not at all", {3, 4}, [](auto x) { return ag::rot90(x, 4); }, {3, 4}, [](auto& p) { return p; });
  add(table, "rollaxis", "to the front", {2, 3, 4}, [](auto x) { return ag::rollaxis(x, 2); }, {4, 2, 3}, [](auto& p) { return Place{p[1], p[2], p[0]}; });
  add(table, "rollaxis", "before the last", {2, 3, 4}, [](auto x) { return ag::rollaxis(x, 0, 2); }, {3, 2, 4}, [](auto& p) { return Place{p[1], p[0], p[2]}; });
  add(table, "moveaxis", "two axes", {2, 3, 4}, [](auto x) { return ag::moveaxis(x, {0, 1}, {-1, 0}); }, {3, 4, 2}, [](auto& p) { return Place{p[2], p[0], p[1]}; });
  add(table, "squeeze", "two axes", {1, 3, 1, 1}, [](auto x) { return ag::squeeze(x, {0, -1}); }, {3, 1}, [](auto& p) { return Place{0, p[0], 0, 0}; });
  add(table, "expand_dims", "two axes", {3, 4}, [](auto x) { return ag::expand_dims(x, {0, -2}); }, {1, 3, 1, 4}, [](auto& p) { return Place{p[1], p[3]}; });
  add(table, "roll", "two axes", {3, 4}, [](auto x) { return ag::roll(x, {1, -1}, {0, 1}); }, {3, 4}, [](auto& p) { return Place{(p[0] + 2) % 3, (p[1] + 1) % 4}; });
  add(table, "roll", "one shift for two axes", {3, 4}, [](auto x) { return ag::roll(x, 5, {0, 1}); }, {3, 4}, [](auto& p) { return Place{(p[0] + 1) % 3, (p[1] + 3) % 4}; });
  // clang-format on
}

void add_borders(Table& table) {
  const auto pad = [&](const char* what, ag::Pad mode, std::vector<Index> places) {
    add(
        table, "pad", what, {3},
        [=](auto x) {
          return ag::pad(x, {{4, 3}}, mode);
        },
        {10}, [=](auto& p) { return Place{places[std::size_t(p[0])]}; });
  };
  pad("symmetric", ag::Pad::symmetric, {2, 2, 1, 0, 0, 1, 2, 2, 1, 0});
  pad("wrap", ag::Pad::wrap, {2, 0, 1, 2, 0, 1, 2, 0, 1, 2});
}

void add_grids(Table& table) {
  const auto grids = [&](const char* what, const char* indexing, const Shape& result, bool swaps) {
    table
        .add(
            "meshgrid", what, {in({2}), in({3})},
            [=](auto a, auto b) {
              const auto grids = ag::meshgrid({a, b}, indexing);
              return grids[0] + 3 * grids[1];
            },
            [=](const std::vector<Array>& x) {
              return build(result, [&](const Place& p) {
                return at(x[0], {p[swaps ? 1 : 0]}) + 3 * at(x[1], {p[swaps ? 0 : 1]});
              });
            })
        .of_fixed_size();
  };
  grids("xy", "xy", {3, 2}, true);
  grids("ij", "ij", {2, 3}, false);
}

void add_diagonals(Table& table) {
  // clang-format off
  add(table, "diagonal", "of the last axes", {2, 3, 4}, [](auto x) { return ag::diagonal(x, 1, -2, -1); }, {2, 3}, [](auto& p) { return Place{p[0], p[1], p[1] + 1}; });
  add(table, "diagonal", "of axes in reverse", {3, 2, 4}, [](auto x) { return ag::diagonal(x, 0, 2, 0); }, {2, 3}, [](auto& p) { return Place{p[1], p[0], p[1]}; });
  // clang-format on
  table
      .add(
          "trace", "of the last axes", {in({2, 3, 3})},
          [](auto x) { return ag::trace(x, 0, 1, 2); },
          [](const std::vector<Array>& x) {
            return build({2}, [&](const Place& p) {
              return at(x[0], {p[0], 0, 0}) + at(x[0], {p[0], 1, 1}) + at(x[0], {p[0], 2, 2});
            });
          })
      .of_fixed_size();
  const auto make = [&](const char* what, Index k, Index axis1, Index axis2, const Shape& result,
                        std::size_t row, std::size_t column, std::size_t other) {
    table
        .add(
            "make_diagonal", what, {in({2, 3})},
            [=](auto x) { return ag::make_diagonal(x, k, axis1, axis2); },
            [=](const std::vector<Array>& x) {
              return build(result, [&](const Place& p) {
                const Index i = k < 0 ? p[column] : p[row];
                return p[column] - p[row] == k && i < 3 ? at(x[0], {p[other], i}) : 0.0;
              });
            })
        .of_fixed_size();
  };
  make("in the first axes", 0, 0, 1, {3, 3, 2}, 0, 1, 2);
  make("in the last axes, above", 1, -2, -1, {2, 4, 4}, 1, 2, 0);
  make("in axes in reverse, below", -2, 2, 0, {5, 2, 5}, 2, 0, 1);
}

void add_values(Table& table) {
  // clang-format off
  add(table, "full", "a number", {}, [](auto x) { return ag::full({2, 3}, x); }, {2, 3}, [](auto&) { return Place{}; });
  add(table, "full", "a vector", {3}, [](auto x) { return ag::full({2, 3}, x); }, {2, 3}, [](auto& p) { return Place{p[1]}; });
  join(table, "full_like", "a matrix", {2, 3}, {3}, [](auto a, auto b) { return ag::full_like(a, b); }, {2, 3}, [](auto& p) { return Source{1, {p[1]}}; });
  // clang-format on
  const auto number = [](double value) {
    return [=](const std::vector<Array>& x) {
      return build(shape_of(x[0]), [&](const Place&) { return value; });
    };
  };
  // clang-format off
  table.add("zeros_like", "(3, 4)", {in({3, 4})}, [](auto x) { return ag::zeros_like(x); }, number(0)).constant();
  table.add("ones_like", "(3, 4)", {in({3, 4})}, [](auto x) { return ag::ones_like(x); }, number(1)).constant();
  // clang-format on
  const auto line = [&](const char* what, const Shape& start, const Shape& stop, Index count,
                        bool endpoint, Index axis, const Shape& result) {
    const auto along_axis = std::size_t(axis < 0 ? axis + Index(result.size()) : axis);
    table
        .add(
            "linspace", what, {in(start), in(stop)},
            [=](auto a, auto b) { return ag::linspace(a, b, count, endpoint, axis); },
            [=](const std::vector<Array>& x) {
              return build(result, [&](const Place& p) {
                Place rest = p;
                rest.erase(rest.begin() + Index(along_axis));
                const double a = at(x[0], rest), b = at(x[1], rest);
                const Index steps = endpoint ? count - 1 : count;
                return steps == 0 ? a : a + (b - a) * double(p[along_axis]) / double(steps);
              });
            })
        .of_fixed_size()
        .takes_heap();
  };
  line("numbers", {}, {}, 5, true, 0, {5});
  line("without the end", {}, {}, 4, false, 0, {4});
  line("one", {}, {}, 1, true, 0, {1});
  line("vectors", {3}, {}, 4, true, -1, {3, 4});
  line("which broadcast", {2, 1}, {3}, 4, true, 1, {2, 4, 3});
  line("none", {2}, {2}, 0, true, 0, {0, 2});
}

}  // namespace

void add_arranging(Table& table) {
  add_ranks(table);
  add_stacks(table);
  add_insertions(table);
  add_divisions(table);
  add_turns(table);
  add_borders(table);
  add_grids(table);
  add_diagonals(table);
  add_values(table);
}

}  // namespace op_cases
