/// Rows of arrays of places and masks as indices, and of elements that are chosen.
#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/ops/op_cases.hpp"

namespace op_cases {
namespace {

using namespace xt::placeholders;
using Integers = xt::xarray<Index>;
using Mask = xt::xarray<bool>;

const Integers rows = {2, 0, -1, 2}, columns = {1, 1, -4, 3}, some = {1, 3, 1};
const Mask of_columns = {true, false, true, true};
const Mask of_matrix = {
    {true, false, false, true}, {false, false, true, false}, {true, true, false, false}};
const std::vector<Place> true_places = {{0, 0}, {0, 3}, {1, 2}, {2, 0}, {2, 1}};

Integers reshaped(Integers list, const std::vector<std::size_t>& shape) {
  list.reshape(shape);
  return list;
}
const Integers tall = reshaped({0, 2}, {2, 1});

Index element(const Integers& list, Index i, Index extent) {
  const Index place = list.flat(static_cast<std::size_t>(i));
  return place < 0 ? place + extent : place;
}
Index row(Index i) { return element(rows, i, 3); }
Index column(Index i) { return element(columns, i, 4); }
Index kept_column(Index i) { return i == 0 ? 0 : i + 1; }

/// view, set and add_at for the indices that `index` passes on: the element at each place of
/// x[indices] is that of x at from(place), and of values for one place the last one counts.
template <class F>
void add(Table& table, const char* what, const Shape& x, const Shape& result, const F& index,
         const std::function<Place(const Place&)>& from) {
  const auto changed = [=](bool adding) {
    return [=](const std::vector<Array>& a) {
      std::map<Place, double> at_place;
      build(result, [&](const Place& p) {
        double& here = at_place[from(p)];
        return here = (adding ? here : 0) + at(a[1], p);
      });
      return build(x, [&](const Place& p) {
        const auto found = at_place.find(p);
        if (found == at_place.end()) return at(a[0], p);
        return (adding ? at(a[0], p) : 0.0) + found->second;
      });
    };
  };
  table
      .add(
          "view", what, {in(x)},
          [=](auto a) { return index([&](const auto&... each) { return ag::view(a, each...); }); },
          moved(result, from))
      .of_fixed_size()
      .takes_heap();
  table
      .add(
          "set", what, {in(x), in(result)},
          [=](auto a, auto v) {
            return index([&](const auto&... each) { return ag::set(a, each..., v); });
          },
          changed(false))
      .of_fixed_size();
  table
      .add(
          "add_at", what, {in(x), in(result)},
          [=](auto a, auto v) {
            return index([&](const auto&... each) { return ag::add_at(a, each..., v); });
          },
          changed(true))
      .of_fixed_size();
}

void add_places(Table& table) {
  // clang-format off
  add(table, "x[i]", {3}, {4}, [](auto f) { return f(rows); }, [](auto& p) { return Place{row(p[0])}; });
  add(table, "x[i], rows", {3, 4}, {4, 4}, [](auto f) { return f(rows); }, [](auto& p) { return Place{row(p[0]), p[1]}; });
  add(table, "x[i], of a matrix of places", {3, 2}, {2, 1, 2}, [](auto f) { return f(tall); }, [](auto& p) { return Place{2 * p[0], p[2]}; });
  add(table, "x[i, j]", {3, 4}, {4}, [](auto f) { return f(rows, columns); }, [](auto& p) { return Place{row(p[0]), column(p[0])}; });
  add(table, "x[i, j], which broadcast", {3, 4}, {2, 4}, [](auto f) { return f(tall, columns); }, [](auto& p) { return Place{2 * p[0], column(p[1])}; });
  add(table, "x[1, j]", {3, 4}, {4}, [](auto f) { return f(1, columns); }, [](auto& p) { return Place{1, column(p[0])}; });
  add(table, "x[:, j]", {3, 4}, {3, 4}, [](auto f) { return f(xt::all(), columns); }, [](auto& p) { return Place{p[0], column(p[1])}; });
  add(table, "x[..., j]", {2, 3, 4}, {2, 3, 4}, [](auto f) { return f(xt::ellipsis(), columns); }, [](auto& p) { return Place{p[0], p[1], column(p[2])}; });
  add(table, "x[::-1, j]", {3, 4}, {3, 4}, [](auto f) { return f(xt::range(_, _, -1), columns); }, [](auto& p) { return Place{2 - p[0], column(p[1])}; });
  add(table, "x[1:, :, j]", {3, 2, 4}, {2, 2, 4}, [](auto f) { return f(xt::range(1, _), xt::all(), columns); }, [](auto& p) { return Place{p[0] + 1, p[1], column(p[2])}; });
  add(table, "x[:, i, j]", {2, 3, 4}, {2, 4}, [](auto f) { return f(xt::all(), rows, columns); }, [](auto& p) { return Place{p[0], row(p[1]), column(p[1])}; });
  add(table, "x[i, :, j], a slice between", {3, 2, 4}, {4, 2}, [](auto f) { return f(rows, xt::all(), columns); }, [](auto& p) { return Place{row(p[0]), p[1], column(p[0])}; });
  add(table, "x[:, 1, :, j]", {2, 3, 2, 4}, {4, 2, 2}, [](auto f) { return f(xt::all(), 1, xt::all(), columns); }, [](auto& p) { return Place{p[1], 1, p[2], column(p[0])}; });
  add(table, "x[None, i]", {3}, {1, 4}, [](auto f) { return f(xt::newaxis(), rows); }, [](auto& p) { return Place{row(p[1])}; });
  add(table, "x[i] of an expression of int", {4}, {3}, [](auto f) { return f(xt::xarray<int>{1, 2, 3} - 2); }, [](auto& p) { return Place{p[0] == 0 ? 3 : p[0] - 1}; });
  add(table, "x[i] of no places", {3, 2}, {0, 2}, [](auto f) { return f(Integers::from_shape({0})); }, [](auto& p) { return Place{0, p[1]}; });
  // clang-format on
}

void add_masks(Table& table) {
  // clang-format off
  add(table, "x[mask]", {3, 4}, {5}, [](auto f) { return f(of_matrix); }, [](auto& p) { return true_places[std::size_t(p[0])]; });
  add(table, "x[mask], of the first axes", {3, 4, 2}, {5, 2}, [](auto f) { return f(of_matrix); }, [](auto& p) { Place q = true_places[std::size_t(p[0])]; q.push_back(p[1]); return q; });
  add(table, "x[:, mask]", {3, 4}, {3, 3}, [](auto f) { return f(xt::all(), of_columns); }, [](auto& p) { return Place{p[0], kept_column(p[1])}; });
  add(table, "x[mask, i]", {4, 4}, {3}, [](auto f) { return f(of_columns, some); }, [](auto& p) { return Place{kept_column(p[0]), element(some, p[0], 4)}; });
  add(table, "x[mask], all false", {4}, {0}, [](auto f) { return f(Mask{false, false, false, false}); }, [](auto&) { return Place{0}; });
  // clang-format on
  table
      .add(
          "set", "x[x > 0] = 2", {off_zero({3, 4})},
          [](auto x) { return ag::set(x * 1, x > 0, 2) * x; },
          each([](double x) { return x > 0 ? 2 * x : x * x; }))
      .takes_heap();
  table
      .add(
          "add_at", "x[x > 0] += 1", {off_zero({3, 4})},
          [](auto x) { return ag::add_at(x, x > 0, 1) * x; },
          each([](double x) { return x > 0 ? (x + 1) * x : x * x; }))
      .takes_heap();
}

void add_along_axis(Table& table) {
  const Integers places = {{1, -1, 0, 1}, {0, 2, 0, 1}}, one_row = reshaped({2, 0, 1, 1}, {1, 4});
  const auto place = [=](const Place& p) {
    return Place{element(places, p[0] * 4 + p[1], 3), p[1]};
  };
  table
      .add(
          "take_along_axis", "axis 0", {in({3, 4})},
          [=](auto x) { return ag::take_along_axis(x, places, 0); }, moved({2, 4}, place))
      .of_fixed_size()
      .takes_heap();
  table
      .add(
          "take_along_axis", "which broadcasts", {in({3, 4})},
          [=](auto x) { return ag::take_along_axis(x, one_row); },
          moved({3, 4},
                [=](auto& p) {
                  return Place{p[0], element(one_row, p[1], 4)};
                }))
      .of_fixed_size()
      .takes_heap();
  table
      .add(
          "take_along_axis", "flattened", {in({3, 4})},
          [=](auto x) { return ag::take_along_axis(x, some, {}); },
          moved({3},
                [=](auto& p) {
                  return Place{0, element(some, p[0], 12)};
                }))
      .of_fixed_size()
      .takes_heap();
  table
      .add(
          "put_along_axis", "axis 0, the last one counts", {in({3, 4}), in({2, 4})},
          [=](auto x, auto v) { return ag::put_along_axis(x, places, v, 0); },
          [=](const std::vector<Array>& x) {
            return build({3, 4}, [&](const Place& p) {
              double value = at(x[0], p);
              for (Index i = 0; i < 2; ++i) {
                if (place({i, p[1]}) == p) value = at(x[1], {i, p[1]});
              }
              return value;
            });
          })
      .of_fixed_size();
  table
      .add(
          "put_along_axis", "flattened", {in({3, 4}), in({})},
          [=](auto x, auto v) {
            return ag::put_along_axis(x, Integers{2, 5}, v, {});
          },
          [=](const std::vector<Array>& x) {
            return build({3, 4}, [&](const Place& p) {
              const Index flat = p[0] * 4 + p[1];
              return flat == 2 || flat == 5 ? at(x[1], {}) : at(x[0], p);
            });
          })
      .of_fixed_size();
}

void add_choices(Table& table) {
  const Integers numbers = {{0, 2, 1, 0}, {1, 1, 2, 0}, {2, 0, 0, 1}};
  table
      .add(
          "choose", "of three that broadcast", {in({3, 4}), in({4}), in({})},
          [=](auto a, auto b, auto c) {
            return ag::choose(numbers, {a, b, c});
          },
          [=](const std::vector<Array>& x) {
            return build(
                {3, 4}, [&](const Place& p) { return at(x[std::size_t(numbers(p[0], p[1]))], p); });
          })
      .of_fixed_size();
  table.add(
      "select", "the first that holds", {off_zero({3, 4}), off_zero({4})},
      [](auto a, auto b) {
        return ag::select({a > 0, b > 0}, {a * b, b * b}, -a);
      },
      each([](double a, double b) { return a > 0   ? a * b
                                           : b > 0 ? b * b
                                                   : -a; }));
  table
      .add(
          "select", "0 otherwise", {off_zero({3, 4})},
          [](auto a) { return ag::select({a > 0}, {a * a}); },
          each([](double a) { return a > 0 ? a * a : 0; }))
      .takes_heap();
  table
      .add(
          "piecewise", "with all others", {off_zero({3, 4})},
          []<class V>(const V& x) {
            return ag::piecewise(
                x, {x > 1, x < -1},
                {[](const V& a) { return ag::sin(a); }, [](const V& a) { return a * a; },
                 [](const V& a) { return 3 * a; }});
          },
          each([](double x) { return x > 1    ? std::sin(x)
                                     : x < -1 ? x * x
                                              : 3 * x; }))
      .takes_heap();
  table
      .add(
          "piecewise", "0 otherwise", {off_zero({7})},
          []<class V>(const V& x) {
            return ag::piecewise(x, {x > 0}, {[](const V& a) { return a * a; }});
          },
          each([](double x) { return x > 0 ? x * x : 0; }))
      .takes_heap();
}

void add_conditions(Table& table) {
  const Mask two = {true, false, true};
  table
      .add(
          "compress", "rows", {in({4, 3})},
          []<class V>(const V& x) { return ag::compress(V(of_columns), x, 0); },
          moved({3, 3},
                [](auto& p) {
                  return Place{kept_column(p[0]), p[1]};
                }))
      .of_fixed_size()
      .takes_heap();
  table
      .add(
          "compress", "flattened, a short condition", {in({2, 3})},
          [=]<class V>(const V& x) { return ag::compress(V(two), x); },
          moved({2},
                [](auto& p) {
                  return Place{0, 2 * p[0]};
                }))
      .of_fixed_size()
      .takes_heap();
  table
      .add(
          "extract", "a mask", {in({3, 4})},
          [=]<class V>(const V& x) { return ag::extract(V(of_matrix), x); },
          moved({5}, [](auto& p) { return true_places[std::size_t(p[0])]; }))
      .of_fixed_size()
      .takes_heap();
  table
      .add(
          "bincount", "weights", {in({5})},
          [](auto w) {
            return ag::bincount(Integers{1, 3, 1, 0, 3}, w, 6);
          },
          [](const std::vector<Array>& w) {
            const double* x = w[0].data();
            const double sums[] = {x[3], x[0] + x[2], 0, x[1] + x[4], 0, 0};
            return build({6}, [&](const Place& p) { return sums[p[0]]; });
          })
      .of_fixed_size()
      .takes_heap();
}

/// The places of positive elements, as constants.
void add_true_places(Table& table) {
  const auto positive = [](const std::vector<Array>& x) {
    std::vector<Place> places;
    build(shape_of(x[0]), [&](const Place& p) {
      if (at(x[0], p) > 0) places.push_back(p);
      return 0.0;
    });
    return places;
  };
  const auto second = [=](const std::vector<Array>& x) {
    const auto places = positive(x);
    return build({Index(places.size())},
                 [&](const Place& p) { return double(places[std::size_t(p[0])][1]); });
  };
  const std::vector<Input> input = {off_zero({3, 4})};
  table
      .add(
          "nonzero", "the second axis", input,
          []<class V>(const V& x) { return V(ag::nonzero(x > 0)[1]); }, second)
      .constant()
      .takes_heap();
  table
      .add(
          "where", "of a mask alone", input,
          []<class V>(const V& x) { return V(ag::where(x > 0)[1]); }, second)
      .constant()
      .takes_heap();
  table
      .add(
          "argwhere", "of a matrix", input,
          []<class V>(const V& x) { return V(ag::argwhere(x > 0)); },
          [=](const std::vector<Array>& x) {
            const auto places = positive(x);
            return build({Index(places.size()), 2}, [&](const Place& p) {
              return double(places[std::size_t(p[0])][std::size_t(p[1])]);
            });
          })
      .constant()
      .takes_heap();
  table
      .add(
          "flatnonzero", "of a matrix", input,
          []<class V>(const V& x) { return V(ag::flatnonzero(x > 0)); },
          [=](const std::vector<Array>& x) {
            const auto places = positive(x);
            const Index width = Index(x[0].shape(1));
            return build({Index(places.size())}, [&](const Place& p) {
              const Place& at = places[std::size_t(p[0])];
              return double(at[0] * width + at[1]);
            });
          })
      .constant()
      .takes_heap();
}

}  // namespace

void add_indexing(Table& table) {
  add_places(table);
  add_masks(table);
  add_along_axis(table);
  add_choices(table);
  add_conditions(table);
  add_true_places(table);
}

}  // namespace op_cases
