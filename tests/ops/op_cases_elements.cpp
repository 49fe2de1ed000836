/// Rows of slices, rows by iteration, and elements at given places.
#include <functional>
#include <optional>
#include <vector>

#include "tests/ops/op_cases.hpp"

namespace op_cases {
namespace {

using namespace xt::placeholders;

template <class F>
Row& add(Table& table, const char* op, const char* what, const Shape& shape, const F& f,
         const Shape& result, const std::function<Place(const Place&)>& from) {
  return table.add(op, what, {in(shape)}, f, moved(result, from));
}

void add_integers(Table& table) {
  const auto view = [&](const char* what, const Shape& shape, const auto& f, const Shape& result,
                        const std::function<Place(const Place&)>& from) {
    add(table, "view", what, shape, f, result, from);
  };
  // clang-format off
  view("x[2]", {5}, [](auto x) { return ag::view(x, 2); }, {}, [](auto&) { return Place{2}; });
  view("x[-1]", {5}, [](auto x) { return ag::view(x, -1); }, {}, [](auto&) { return Place{4}; });
  view("x[1] of a matrix", {3, 4}, [](auto x) { return ag::view(x, 1); }, {4}, [](auto& p) { return Place{1, p[0]}; });
  view("x[1, -2]", {3, 4}, [](auto x) { return ag::view(x, 1, -2); }, {}, [](auto&) { return Place{1, 2}; });
  view("x[:, 2]", {3, 4}, [](auto x) { return ag::view(x, xt::all(), 2); }, {3}, [](auto& p) { return Place{p[0], 2}; });
  // clang-format on
  view(
      "x[:, 1, :]", {2, 3, 4}, [](auto x) { return ag::view(x, xt::all(), 1, xt::all()); }, {2, 4},
      [](auto& p) {
        return Place{p[0], 1, p[1]};
      });
}

/// Each lambda takes a vector of 9 elements; start and step say what it shows.
void add_ranges(Table& table) {
  const auto view = [&](const char* what, const auto& f, Index start, Index step, Index length) {
    add(table, "view", what, {9}, f, {length},
        [=](const Place& p) { return Place{start + step * p[0]}; });
  };
  view(
      "x[:]", [](auto x) { return ag::view(x, xt::all()); }, 0, 1, 9);
  view(
      "x[2:6]", [](auto x) { return ag::view(x, xt::range(2, 6)); }, 2, 1, 4);
  view(
      "x[::2]", [](auto x) { return ag::view(x, xt::range(0, _, 2)); }, 0, 2, 5);
  view(
      "x[1::2]", [](auto x) { return ag::view(x, xt::range(1, _, 2)); }, 1, 2, 4);
  view(
      "x[_:4]", [](auto x) { return ag::view(x, xt::range(_, 4)); }, 0, 1, 4);
  view(
      "x[-3:]", [](auto x) { return ag::view(x, xt::range(-3, _)); }, 6, 1, 3);
  view(
      "x[:-2]", [](auto x) { return ag::view(x, xt::range(_, -2)); }, 0, 1, 7);
  view(
      "x[::-1]", [](auto x) { return ag::view(x, xt::range(_, _, -1)); }, 8, -1, 9);
  view(
      "x[7:2:-2]", [](auto x) { return ag::view(x, xt::range(7, 2, -2)); }, 7, -2, 3);
  view(
      "x[-2::-3]", [](auto x) { return ag::view(x, xt::range(-2, _, -3)); }, 7, -3, 3);
  view(
      "x[5:100]", [](auto x) { return ag::view(x, xt::range(5, 100)); }, 5, 1, 4);
  view(
      "x[-100:2]", [](auto x) { return ag::view(x, xt::range(-100, 2)); }, 0, 1, 2);
  view(
      "x[100::-4]", [](auto x) { return ag::view(x, xt::range(100, _, -4)); }, 8, -4, 3);
  view(
      "x[6:2]", [](auto x) { return ag::view(x, xt::range(6, 2)); }, 0, 1, 0);
  view(
      "x[20:30]", [](auto x) { return ag::view(x, xt::range(20, 30)); }, 0, 1, 0);
}

void add_axes(Table& table) {
  const auto view = [&](const char* what, const auto& f, const Shape& result,
                        const std::function<Place(const Place&)>& from) {
    add(table, "view", what, {4, 5, 6}, f, result, from);
  };
  view(
      "x[1:3, ::2, ::-1]",
      [](auto x) { return ag::view(x, xt::range(1, 3), xt::range(0, _, 2), xt::range(_, _, -1)); },
      {2, 3, 6},
      [](auto& p) {
        return Place{p[0] + 1, 2 * p[1], 5 - p[2]};
      });
  view(
      "x[None, 1, :, None]",
      [](auto x) { return ag::view(x, xt::newaxis(), 1, xt::all(), xt::newaxis()); }, {1, 5, 1, 6},
      [](auto& p) {
        return Place{1, p[1], p[3]};
      });
  view(
      "x[..., 2]", [](auto x) { return ag::view(x, xt::ellipsis(), 2); }, {4, 5},
      [](auto& p) {
        return Place{p[0], p[1], 2};
      });
  view(
      "x[3, ...]", [](auto x) { return ag::view(x, 3, xt::ellipsis()); }, {5, 6},
      [](auto& p) {
        return Place{3, p[0], p[1]};
      });
  view(
      "x[1, ..., 4:1:-1]",
      [](auto x) { return ag::view(x, 1, xt::ellipsis(), xt::range(4, 1, -1)); }, {5, 3},
      [](auto& p) {
        return Place{1, p[0], 4 - p[1]};
      });
  view(
      "x[..., None]", [](auto x) { return ag::view(x, xt::ellipsis(), xt::newaxis()); },
      {4, 5, 6, 1},
      [](auto& p) {
        return Place{p[0], p[1], p[2]};
      });
  view(
      "x[1, 2, 3]", [](auto x) { return ag::view(x, 1, 2, 3); }, {},
      [](auto&) {
        return Place{1, 2, 3};
      });
  view(
      "a view of a view",
      [](auto x) {
        const auto part = ag::view(x, xt::range(0, _, 2), 1);
        return ag::view(ag::transpose(part), xt::range(_, _, -2), 1);
      },
      {3},
      [](auto& p) {
        return Place{2, 1, 5 - 2 * p[0]};
      });
}

void add_odd_views(Table& table) {
  table.add(
      "view", "a list of slices", {in({4, 5})},
      [](auto x) {
        const ag::Slice slices[] = {{ag::Slice::range, 1, 3}, {ag::Slice::index, -1}};
        return ag::view(x, std::span<const ag::Slice>(slices));
      },
      moved({2}, [](const Place& p) {
        return Place{p[0] + 1, 4};
      }));
  // clang-format off
  table.add("view", "no slices", {in({3})}, [](auto x) { return ag::view(x); }, reshaped({3}));
  table.add("view", "x[None] of rank 0", {in({})}, [](auto x) { return ag::view(x, xt::newaxis()); }, reshaped({1}));
  table.add("view", "x[..., ] of rank 0", {in({})}, [](auto x) { return ag::view(x, xt::ellipsis()); }, reshaped({}));
  table.add("view", "of nothing", {in({0, 3})}, [](auto x) { return ag::view(x, xt::range(_, _, -1), 1); }, reshaped({0}));
  // clang-format on
  table.add(
      "view", "overlapping parts", {in({7})},
      [](auto x) {
        return ag::view(x, xt::range(1, _)) * ag::view(x, xt::range(_, -1)) + ag::view(x, 3);
      },
      [](const std::vector<Array>& x) {
        const auto last = Index(x[0].size()) - 1;
        return build({last}, [&](const Place& p) {
          return at(x[0], {p[0] + 1}) * at(x[0], p) + at(x[0], {3});
        });
      });
}

void add_rows(Table& table) {
  // clang-format off
  add(table, "operator[]", "row 1", {3, 4}, [](auto x) { return x[1]; }, {4}, [](auto& p) { return Place{1, p[0]}; });
  add(table, "operator[]", "row -1", {3, 4}, [](auto x) { return x[-1]; }, {4}, [](auto& p) { return Place{2, p[0]}; });
  add(table, "operator[]", "of a vector", {5}, [](auto x) { return x[3]; }, {}, [](auto&) { return Place{3}; });
  add(table, "operator[]", "x[1][2]", {3, 4}, [](auto x) { return x[1][2]; }, {}, [](auto&) { return Place{1, 2}; });
  // clang-format on
  table.add(
      "begin", "sum of rows", {in({3, 4})},
      []<class V>(const V& x) {
        V total = 0;
        for (const V row : x) total = total * 2 + row * row;
        return total;
      },
      [](const std::vector<Array>& x) {
        return build({Index(x[0].shape(1))}, [&](const Place& p) {
          double total = 0;
          for (Index i = 0; i < Index(x[0].shape(0)); ++i) {
            const double row = at(x[0], {i, p[0]});
            total = total * 2 + row * row;
          }
          return total;
        });
      });
}

template <class V>
V take_places(const V& x, const std::vector<Index>& places, const Shape& shape,
              std::optional<Index> axis) {
  xt::xarray<Index> indices = xt::adapt(places, std::vector<std::size_t>{places.size()});
  indices.reshape(std::vector<std::size_t>(shape.begin(), shape.end()));
  return ag::take(x, indices, axis);
}

Index from_front(Index place, Index extent) { return place < 0 ? place + extent : place; }

/// take along an axis, at a list of places that may repeat and be negative.
void add_take(Table& table) {
  const auto take = [&](const char* what, const Shape& shape, const std::vector<Index>& places,
                        Index axis) {
    Shape result = shape;
    const auto i = static_cast<std::size_t>(from_front(axis, Index(shape.size())));
    result[i] = Index(places.size());
    add(
        table, "take", what, shape,
        [=](auto x) { return take_places(x, places, {Index(places.size())}, axis); }, result,
        [=](Place p) {
          p[i] = from_front(places[static_cast<std::size_t>(p[i])], shape[i]);
          return p;
        })
        .of_fixed_size()
        .takes_heap();
  };
  take("of a vector", {6}, {4, 0, 1}, 0);
  take("repeated and negative", {6}, {-1, 2, 2, 0, -6, 2}, 0);
  take("rows", {4, 3}, {3, 3, 0}, 0);
  take("columns", {4, 3}, {-1, 0}, -1);
  take("middle axis", {2, 4, 3}, {1, 1, 3, -4, 0}, 1);
  take("nothing", {4}, {}, 0);
  take("longer than the array", {2}, {0, 1, 0, 1, 0, 1, 0, 1}, 0);
}

void add_take_shapes(Table& table) {
  const std::vector<Index> places = {5, -1, 0, 3, 3, 7};
  add(
      table, "take", "flattened, a matrix of places", {3, 4},
      [=](auto x) {
        return take_places(x, places, {2, 3}, std::nullopt);
      },
      {2, 3},
      [=](const Place& p) {
        const Index flat = from_front(places[static_cast<std::size_t>(p[0] * 3 + p[1])], 12);
        return Place{flat / 4, flat % 4};
      })
      .of_fixed_size()
      .takes_heap();
  add(
      table, "take", "a matrix of columns", {3, 8},
      [=](auto x) {
        return take_places(x, places, {2, 3}, 1);
      },
      {3, 2, 3},
      [=](const Place& p) {
        return Place{p[0], from_front(places[static_cast<std::size_t>(p[1] * 3 + p[2])], 8)};
      })
      .of_fixed_size()
      .takes_heap();
  add(
      table, "take", "a single place", {3, 4}, [](auto x) { return take_places(x, {2}, {}, 0); },
      {4},
      [](const Place& p) {
        return Place{2, p[0]};
      })
      .takes_heap();
  add(
      table, "take", "an expression of int", {5},
      [](auto x) {
        return ag::take(x, xt::xarray<int>{1, 2, 3} - 2);
      },
      {3}, [](const Place& p) { return Place{p[0] == 0 ? 4 : p[0] - 1}; })
      .of_fixed_size()
      .takes_heap();
}

void add_masks(Table& table) {
  const auto positive = [](const std::vector<Array>& x) {
    std::vector<double> chosen;
    for (double v : x[0]) {
      if (v > 0) chosen.push_back(v);
    }
    return build({Index(chosen.size())},
                 [&](const Place& p) { return chosen[static_cast<std::size_t>(p[0])]; });
  };
  for (const Shape& shape : {Shape{}, Shape{7}, Shape{3, 4}, Shape{2, 0}}) {
    table
        .add(
            "take", "by a comparison, " + text(shape), {off_zero(shape)},
            [](auto x) { return ag::take(x, x > 0); }, positive)
        .takes_heap();
    table
        .add(
            "take", "by a mask, " + text(shape), {off_zero(shape)},
            [](auto x) {
              const xt::xarray<bool> mask = x.value() > 0;
              return ag::take(x, mask);
            },
            positive)
        .takes_heap();
  }
}

}  // namespace

void add_elements(Table& table) {
  add_integers(table);
  add_ranges(table);
  add_axes(table);
  add_odd_views(table);
  add_rows(table);
  add_take(table);
  add_take_shapes(table);
  add_masks(table);
}

}  // namespace op_cases
