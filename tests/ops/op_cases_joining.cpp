/// Rows of what joins, repeats, pads and splits arrays.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "tests/ops/op_cases.hpp"

namespace op_cases {
namespace {

/// The arguments one after the other along an axis.
Reference joined(std::size_t axis) {
  return [axis](const std::vector<Array>& x) {
    Shape shape = shape_of(x[0]);
    for (std::size_t i = 1; i < x.size(); ++i) shape[axis] += Index(x[i].shape(axis));
    return build(shape, [&](Place p) {
      std::size_t i = 0;
      while (p[axis] >= Index(x[i].shape(axis))) p[axis] -= Index(x[i++].shape(axis));
      return at(x[i], p);
    });
  };
}

void add_concatenate(Table& table) {
  const auto two = [&](const Shape& a, const Shape& b, Index axis, std::size_t positive) {
    table.add(
        "concatenate", text(a) + " and " + text(b) + " along " + std::to_string(axis),
        {in(a), in(b)},
        [=](auto x, auto y) {
          return ag::concatenate({x, y}, axis);
        },
        joined(positive));
  };
  two({3}, {5}, 0, 0);
  two({2, 3}, {4, 3}, 0, 0);
  two({2, 3}, {2, 1}, 1, 1);
  two({2, 3}, {2, 4}, -1, 1);
  two({2, 3, 4}, {2, 2, 4}, 1, 1);
  two({0}, {3}, 0, 0);
  two({2, 0}, {2, 0}, 1, 1);
  table.add(
      "concatenate", "three arrays", {in({2, 3}), in({1, 3}), in({3, 3})},
      [](auto a, auto b, auto c) {
        return ag::concatenate({a, b, c});
      },
      joined(0));
  table.add(
      "concatenate", "one array", {in({3, 4})}, [](auto x) { return ag::concatenate({x}, 1); },
      joined(1));
  table.add(
      "concatenate", "the same array twice", {in({3, 4})},
      [](auto x) {
        return ag::concatenate({x, x * x, x}, 1);
      },
      [](const std::vector<Array>& x) {
        const Array square = each([](double v) { return v * v; })(x);
        return joined(1)({x[0], square, x[0]});
      });
  table
      .add(
          "concatenate", "a span of rows", {in({4, 3})},
          []<class V>(const V& x) {
            const std::vector<V> rows(x.begin(), x.end());
            return ag::concatenate(std::span<const V>(rows));
          },
          reshaped({12}))
      .takes_heap();
}

void add_stack(Table& table) {
  const auto two = [&](const Shape& shape, Index axis, std::size_t positive) {
    table
        .add(
            "stack", text(shape) + " along " + std::to_string(axis), {in(shape), in(shape)},
            [=](auto x, auto y) {
              return ag::stack({x, y}, axis);
            },
            [=](const std::vector<Array>& x) {
              Shape whole = shape_of(x[0]);
              whole.insert(whole.begin() + Index(positive), 2);
              return build(whole, [&](Place p) {
                const auto which = static_cast<std::size_t>(p[positive]);
                p.erase(p.begin() + Index(positive));
                return at(x[which], p);
              });
            })
        .takes_heap();
  };
  two({}, 0, 0);
  two({3}, 0, 0);
  two({3}, 1, 1);
  two({3}, -1, 1);
  two({2, 3}, 1, 1);
  two({2, 3}, -1, 2);
  two({0}, 0, 0);
}

void add_split(Table& table) {
  table
      .add(
          "split", "(6,) in 3", {in({6})},
          [](auto x) {
            const auto parts = ag::split(x, 3);
            return parts[0] * 2 + parts[1] * parts[2];
          },
          [](const std::vector<Array>& x) {
            const Index n = Index(x[0].size()) / 3;
            return build({n}, [&](const Place& p) {
              return 2 * at(x[0], p) + at(x[0], {p[0] + n}) * at(x[0], {p[0] + 2 * n});
            });
          })
      .takes_heap();
  table
      .add(
          "split", "(3, 4) in 2 along -1", {in({3, 4})},
          [](auto x) {
            const auto parts = ag::split(x, 2, -1);
            return parts[1] - parts[0];
          },
          [](const std::vector<Array>& x) {
            return build({3, 2}, [&](const Place& p) {
              return at(x[0], {p[0], p[1] + 2}) - at(x[0], p);
            });
          })
      .takes_heap();
}

void add_roll(Table& table) {
  const auto roll = [&](const Shape& shape, Index shift, Index axis) {
    const auto i = static_cast<std::size_t>(axis < 0 ? axis + Index(shape.size()) : axis);
    table
        .add(
            "roll", text(shape) + " by " + std::to_string(shift) + " along " + std::to_string(axis),
            {in(shape)}, [=](auto x) { return ag::roll(x, shift, axis); },
            moved(shape,
                  [=](Place p) {
                    p[i] = ((p[i] - shift) % shape[i] + shape[i]) % shape[i];
                    return p;
                  }))
        .takes_heap();
  };
  roll({5}, 2, 0);
  roll({5}, -1, 0);
  roll({5}, 0, -1);
  roll({5}, 12, 0);
  roll({3, 4}, 1, 0);
  roll({3, 4}, 1, 1);
  roll({2, 3, 4}, -2, 1);
  roll({0}, 1, 0);
  table
      .add(
          "roll", "flattened", {in({3, 4})}, [](auto x) { return ag::roll(x, 5); },
          moved({3, 4},
                [](const Place& p) {
                  const Index from = (p[0] * 4 + p[1] + 12 - 5) % 12;
                  return Place{from / 4, from % 4};
                }))
      .takes_heap();
}

void add_repeat(Table& table) {
  const auto repeat = [&](Shape shape, Index times, Index axis) {
    const Shape from = shape;
    const auto i = static_cast<std::size_t>(axis < 0 ? axis + Index(shape.size()) : axis);
    shape[i] *= times;
    table.add(
        "repeat", text(from) + " times " + std::to_string(times) + " along " + std::to_string(axis),
        {in(from)}, [=](auto x) { return ag::repeat(x, times, axis); }, moved(shape, [=](Place p) {
          p[i] /= times;
          return p;
        }));
  };
  repeat({4}, 3, 0);
  repeat({3, 4}, 2, 0);
  repeat({3, 4}, 2, -1);
  repeat({2, 3, 4}, 2, 1);
  repeat({3}, 1, 0);
  repeat({3}, 0, 0);
  table.add(
      "repeat", "flattened", {in({2, 3})}, [](auto x) { return ag::repeat(x, 2); },
      moved({12}, [](const Place& p) {
        return Place{p[0] / 2 / 3, p[0] / 2 % 3};
      }));
}

void add_tile(Table& table) {
  const auto tile = [&](const Shape& from, const ag::Extents& counts, const Shape& shape) {
    table.add(
        "tile", text(from) + " times " + text(Shape(counts.begin(), counts.end())), {in(from)},
        [=](auto x) { return ag::tile(x, counts); }, moved(shape, [=](const Place& p) {
          Place place(p.end() - Index(from.size()), p.end());
          for (std::size_t i = 0; i < from.size(); ++i) place[i] %= from[i];
          return place;
        }));
  };
  tile({3}, 2, {6});
  tile({3}, {2, 2}, {2, 6});
  tile({2, 3}, 2, {2, 6});
  tile({2, 3}, {3, 1}, {6, 3});
  tile({2, 3}, {2, 1, 2}, {2, 2, 6});
  tile({}, {2, 2}, {2, 2});
  tile({3}, 0, {0});
}

/// The place of x from which a padded place takes its element.
using From = Index (*)(Index at, Index extent);
Index edge(Index at, Index extent) { return std::clamp<Index>(at, 0, extent - 1); }
Index reflect(Index at, Index extent) {
  if (extent == 1) return 0;
  while (at < 0 || at >= extent) at = at < 0 ? -at : 2 * (extent - 1) - at;
  return at;
}

Reference padded(const ag::Widths& width, From from, double value) {
  return [=](const std::vector<Array>& x) {
    Shape shape = shape_of(x[0]);
    for (std::size_t i = 0; i < shape.size(); ++i) shape[i] += width[i].first + width[i].second;
    return build(shape, [&](Place p) {
      for (std::size_t i = 0; i < p.size(); ++i) {
        const auto extent = Index(x[0].shape(i));
        p[i] -= width[i].first;
        if (from != nullptr) p[i] = from(p[i], extent);
        if (p[i] < 0 || p[i] >= extent) return value;
      }
      return at(x[0], p);
    });
  };
}

void add_pad(Table& table) {
  const auto pad = [&](const char* what, const Shape& shape, const ag::Widths& width) {
    const auto add = [&](const char* mode, ag::Pad kind, From from, double value, bool heap) {
      Row& row = table.add(
          "pad", std::string(mode) + ' ' + what, {in(shape)},
          [=](auto x) { return ag::pad(x, width, kind, value); }, padded(width, from, value));
      if (heap) row.takes_heap();
    };
    add("constant", ag::Pad::constant, nullptr, 0, true);
    add("with 3:", ag::Pad::constant, nullptr, 3, true);
    add("edge", ag::Pad::edge, edge, 0, true);
    add("reflect", ag::Pad::reflect, reflect, 0, true);
  };
  pad("vector", {4}, {{2, 1}});
  pad("matrix", {3, 4}, {{1, 2}, {2, 1}});
  pad("one axis", {3, 4}, {{0, 0}, {1, 0}});
  pad("nothing", {3, 4}, {{0, 0}, {0, 0}});
  pad("more than the extent", {3}, {{5, 7}});
  pad("extent 1", {1}, {{2, 2}});
  pad("3-D", {2, 3, 2}, {{1, 0}, {0, 1}, {1, 1}});
  table
      .add(
          "pad", "constant empty", {in({0, 2})},
          [](auto x) {
            return ag::pad(x, {{1, 1}, {0, 1}});
          },
          padded({{1, 1}, {0, 1}}, nullptr, 0))
      .takes_heap();
  table
      .add(
          "pad", "one width for all axes", {in({3, 4})},
          [](auto x) {
            return ag::pad(x, {{1, 2}});
          },
          padded({{1, 2}, {1, 2}}, nullptr, 0))
      .takes_heap();
}

void add_diag_and_triangles(Table& table) {
  const auto diag = [&](Index n, Index k) {
    const Index size = n + std::abs(k), down = std::max<Index>(0, -k),
                right = std::max<Index>(0, k);
    table.add(
        "diag", text({n}) + " at " + std::to_string(k), {in({n})},
        [=](auto x) { return ag::diag(x, k); },
        [=](const std::vector<Array>& x) {
          return build({size, size}, [&](const Place& p) {
            return p[0] - down == p[1] - right && p[0] >= down && p[1] >= right
                       ? at(x[0], {p[0] - down})
                       : 0.0;
          });
        });
  };
  diag(3, 0);
  diag(3, 1);
  diag(3, -2);
  diag(0, 0);
  const auto triangles = [&](const Shape& shape, Index k) {
    const auto keep = [=](bool upper) {
      return [=](const std::vector<Array>& x) {
        return build(shape, [&](const Place& p) {
          const Index over = p.back() - p[p.size() - 2] - k;
          return (upper ? over >= 0 : over <= 0) ? at(x[0], p) : 0.0;
        });
      };
    };
    const std::string what = text(shape) + " at " + std::to_string(k);
    // clang-format off
    table.add("triu", what, {in(shape)}, [=](auto x) { return ag::triu(x, k); }, keep(true));
    table.add("tril", what, {in(shape)}, [=](auto x) { return ag::tril(x, k); }, keep(false));
    // clang-format on
  };
  triangles({3, 3}, 0);
  triangles({3, 4}, 1);
  triangles({3, 4}, -1);
  triangles({4, 2}, 0);
  triangles({2, 3, 3}, 0);
  triangles({0, 3}, 0);
}

}  // namespace

void add_joining(Table& table) {
  add_concatenate(table);
  add_stack(table);
  add_split(table);
  add_roll(table);
  add_repeat(table);
  add_tile(table);
  add_pad(table);
  add_diag_and_triangles(table);
}

}  // namespace op_cases
