/// Rows of what shows the same elements in another shape or order.
#include <string>
#include <vector>

#include "tests/ops/op_cases.hpp"

namespace op_cases {
namespace {

template <class F>
Row& add(Table& table, const char* op, const std::string& what, const Shape& shape, const F& f,
         const Reference& reference) {
  return table.add(op, what, {in(shape)}, f, reference);
}

void add_reshape(Table& table) {
  const auto to = [&](const Shape& from, const ag::Extents& shape, const Shape& expected) {
    add(
        table, "reshape", text(from) + " to " + text(Shape(shape.begin(), shape.end())), from,
        [=](auto x) { return ag::reshape(x, shape); }, reshaped(expected))
        .of_fixed_size();
  };
  to({2, 6}, {3, 4}, {3, 4});
  to({2, 6}, {-1, 4}, {3, 4});
  to({2, 6}, {2, 6}, {2, 6});
  to({12}, {2, 3, 2}, {2, 3, 2});
  to({2, 3, 4}, {4, -1}, {4, 6});
  to({2, 3, 4}, {6, 4}, {6, 4});
  to({2, 3, 4}, -1, {24});
  to({1, 1}, ag::Extents(), {});
  to({}, {1, 1, 1}, {1, 1, 1});
  to({}, 1, {1});
  to({0, 3}, {3, 0, 2}, {3, 0, 2});
  to({0}, {0, 4}, {0, 4});
  add(
      table, "reshape", "of large arrays", {3, 4},
      [](auto x) {
        return ag::reshape(x, {x.shape(1), -1});
      },
      reshaped({4, 3}));
  add(
      table, "reshape", "twice, of a transposed array", {3, 4},
      [](auto x) {
        return ag::reshape(ag::reshape(ag::transpose(x), {-1}), {2, -1});
      },
      moved({2, 6},
            [](const Place& p) {
              const Index i = p[0] * 6 + p[1];
              return Place{i % 3, i / 3};
            }))
      .of_fixed_size();
}

void add_ravel(Table& table) {
  for (const Shape& shape : {Shape{}, Shape{5}, Shape{3, 4}, Shape{2, 3, 4}, Shape{2, 0}}) {
    add(
        table, "ravel", text(shape), shape, [](auto x) { return ag::ravel(x); },
        reshaped({count(shape)}));
  }
}

Place reversed(const Place& p) { return {p.rbegin(), p.rend()}; }

void add_transpose(Table& table) {
  for (const Shape& shape :
       {Shape{}, Shape{5}, Shape{3, 4}, Shape{1, 4}, Shape{2, 3, 4}, Shape{0, 3}}) {
    add(
        table, "transpose", text(shape), shape, [](auto x) { return ag::transpose(x); },
        moved(reversed(shape), reversed));
  }
  add(
      table, "transpose", "axes 1 2 0", {2, 3, 4},
      [](auto x) {
        return ag::transpose(x, {1, 2, 0});
      },
      moved({3, 4, 2}, [](const Place& p) {
        return Place{p[2], p[0], p[1]};
      }));
  add(
      table, "transpose", "axes -1 0 1", {2, 3, 4},
      [](auto x) {
        return ag::transpose(x, {-1, 0, 1});
      },
      moved({4, 2, 3}, [](const Place& p) {
        return Place{p[1], p[2], p[0]};
      }));
  add(
      table, "transpose", "times the array", {3, 3}, [](auto x) { return ag::transpose(x) * x; },
      [](const std::vector<Array>& x) {
        return build({3, 3}, [&](const Place& p) { return at(x[0], p) * at(x[0], reversed(p)); });
      });
}

void add_moved_axes(Table& table) {
  add(
      table, "swapaxes", "0 and 2", {2, 3, 4}, [](auto x) { return ag::swapaxes(x, 0, 2); },
      moved({4, 3, 2}, reversed));
  add(
      table, "swapaxes", "-1 and -2", {2, 3, 4}, [](auto x) { return ag::swapaxes(x, -1, -2); },
      moved({2, 4, 3}, [](const Place& p) {
        return Place{p[0], p[2], p[1]};
      }));
  add(
      table, "swapaxes", "an axis with itself", {3, 4},
      [](auto x) { return ag::swapaxes(x, 1, 1); },
      moved({3, 4}, [](const Place& p) { return p; }));
  add(
      table, "moveaxis", "0 to -1", {2, 3, 4}, [](auto x) { return ag::moveaxis(x, 0, -1); },
      moved({3, 4, 2}, [](const Place& p) {
        return Place{p[2], p[0], p[1]};
      }));
  add(
      table, "moveaxis", "2 to 0", {2, 3, 4}, [](auto x) { return ag::moveaxis(x, 2, 0); },
      moved({4, 2, 3}, [](const Place& p) {
        return Place{p[1], p[2], p[0]};
      }));
  add(
      table, "moveaxis", "1 to 1", {3, 4}, [](auto x) { return ag::moveaxis(x, 1, 1); },
      moved({3, 4}, [](const Place& p) { return p; }));
}

void add_ones(Table& table) {
  // clang-format off
  add(table, "squeeze", "all", {1, 3, 1, 4}, [](auto x) { return ag::squeeze(x); }, reshaped({3, 4}));
  add(table, "squeeze", "to rank 0", {1, 1}, [](auto x) { return ag::squeeze(x); }, reshaped({}));
  add(table, "squeeze", "nothing", {3, 4}, [](auto x) { return ag::squeeze(x); }, reshaped({3, 4}));
  add(table, "squeeze", "axis 0", {1, 3, 1}, [](auto x) { return ag::squeeze(x, 0); }, reshaped({3, 1}));
  add(table, "squeeze", "axis -1", {1, 3, 1}, [](auto x) { return ag::squeeze(x, -1); }, reshaped({1, 3}));
  add(table, "expand_dims", "axis 0", {3, 4}, [](auto x) { return ag::expand_dims(x, 0); }, reshaped({1, 3, 4}));
  add(table, "expand_dims", "axis 1", {3, 4}, [](auto x) { return ag::expand_dims(x, 1); }, reshaped({3, 1, 4}));
  add(table, "expand_dims", "axis -1", {3, 4}, [](auto x) { return ag::expand_dims(x, -1); }, reshaped({3, 4, 1}));
  add(table, "expand_dims", "of rank 0", {}, [](auto x) { return ag::expand_dims(x, 0); }, reshaped({1}));
  // clang-format on
}

void add_broadcasts(Table& table) {
  const auto to = [&](const Shape& from, const Shape& shape) {
    add(
        table, "broadcast_to", text(from) + " to " + text(shape), from,
        [shape](auto x) { return ag::broadcast_to(x, std::span<const Index>(shape)); },
        [shape](const std::vector<Array>& x) {
          return build(shape, [&](const Place& p) { return at(x[0], p); });
        })
        .of_fixed_size();
  };
  to({}, {3, 4});
  to({4}, {3, 4});
  to({3, 1}, {3, 4});
  to({1, 4}, {2, 3, 4});
  to({3, 4}, {3, 4});
  to({1}, {0});
  to({}, {});
  to({2, 1, 1}, {2, 3, 4});
}

void add_diagonals(Table& table) {
  const auto diagonal = [&](const Shape& shape, Index k, Index down, Index right, Index length) {
    add(
        table, "diagonal", text(shape) + " at " + std::to_string(k), shape,
        [=](auto x) { return ag::diagonal(x, k); }, moved({length}, [=](const Place& p) {
          return Place{p[0] + down, p[0] + right};
        }));
    add(
        table, "trace", text(shape) + " at " + std::to_string(k), shape,
        [=](auto x) { return ag::trace(x, k); },
        [=](const std::vector<Array>& x) {
          double total = 0;
          for (Index i = 0; i < length; ++i) total += at(x[0], {i + down, i + right});
          return Array(total);
        });
    add(
        table, "diag", text(shape) + " at " + std::to_string(k), shape,
        [=](auto x) { return ag::diag(x, k); }, moved({length}, [=](const Place& p) {
          return Place{p[0] + down, p[0] + right};
        }));
  };
  diagonal({3, 3}, 0, 0, 0, 3);
  diagonal({3, 4}, 1, 0, 1, 3);
  diagonal({3, 4}, -1, 1, 0, 2);
  diagonal({3, 4}, 3, 0, 3, 1);
  diagonal({4, 2}, -2, 2, 0, 2);
  diagonal({3, 4}, 9, 0, 0, 0);
  diagonal({0, 0}, 0, 0, 0, 0);
  add(
      table, "diagonal", "of matrices in the first axes", {3, 4, 2},
      [](auto x) { return ag::diagonal(x, 1); }, moved({2, 3}, [](const Place& p) {
        return Place{p[1], p[1] + 1, p[0]};
      }));
  add(
      table, "trace", "of matrices in the first axes", {3, 3, 2},
      [](auto x) { return ag::trace(x); },
      [](const std::vector<Array>& x) {
        return build({2}, [&](const Place& p) {
          return at(x[0], {0, 0, p[0]}) + at(x[0], {1, 1, p[0]}) + at(x[0], {2, 2, p[0]});
        });
      });
}

void add_flips(Table& table) {
  // clang-format off
  add(table, "flip", "()", {}, [](auto x) { return ag::flip(x); }, reshaped({}));
  add(
      table, "flip", "(5,)", {5}, [](auto x) { return ag::flip(x); },
      moved({5}, [](const Place& p) { return Place{4 - p[0]}; }));
  add(
      table, "flip", "all axes", {3, 4}, [](auto x) { return ag::flip(x); },
      moved({3, 4}, [](const Place& p) {
        return Place{2 - p[0], 3 - p[1]};
      }));
  add(
      table, "flip", "axis 0", {3, 4}, [](auto x) { return ag::flip(x, 0); },
      moved({3, 4}, [](const Place& p) {
        return Place{2 - p[0], p[1]};
      }));
  add(
      table, "flip", "axis -1", {3, 4}, [](auto x) { return ag::flip(x, -1); },
      moved({3, 4}, [](const Place& p) {
        return Place{p[0], 3 - p[1]};
      }));
  add(table, "flip", "(0, 3)", {0, 3}, [](auto x) { return ag::flip(x); }, reshaped({0, 3}));
  // clang-format on
}

}  // namespace

void add_shapes(Table& table) {
  add_reshape(table);
  add_ravel(table);
  add_transpose(table);
  add_moved_axes(table);
  add_ones(table);
  add_broadcasts(table);
  add_diagonals(table);
  add_flips(table);
}

}  // namespace op_cases
