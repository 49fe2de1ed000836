/// Rows of differences and of products of vectors, matrices and stacks of them.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tests/ops/op_cases.hpp"

namespace op_cases {
namespace {

void add_diff(Table& table) {
  const auto once = [](Index axis) {
    return [axis](const std::vector<Array>& x) {
      Shape shape = shape_of(x[0]);
      const auto i = static_cast<std::size_t>(axis < 0 ? axis + Index(shape.size()) : axis);
      shape[i] = std::max<Index>(0, shape[i] - 1);
      return build(shape, [&](Place p) {
        const double before = at(x[0], p);
        ++p[i];
        return at(x[0], p) - before;
      });
    };
  };
  const auto diff = [&](const Shape& shape, int n, Index axis) {
    const std::string times = n == 1 ? "" : std::to_string(n) + " times ";
    table.add(
        "diff", text(shape) + ' ' + times + "along " + std::to_string(axis), {in(shape)},
        [=](auto x) { return ag::diff(x, n, axis); },
        [=](std::vector<Array> x) {
          for (int i = 0; i < n; ++i) x[0] = once(axis)(x);
          return x[0];
        });
  };
  diff({6}, 1, 0);
  diff({6}, 0, 0);
  diff({6}, 2, -1);
  diff({6}, 3, 0);
  diff({2}, 4, 0);
  diff({1}, 1, 0);
  diff({0}, 1, 0);
  diff({3, 4}, 1, 0);
  diff({3, 4}, 1, 1);
  diff({3, 4}, 2, -2);
  diff({2, 3, 4}, 1, 1);
  diff({0, 3}, 1, 1);
  diff({3, 0}, 1, 0);
  diff({300}, 1, 0);
  diff({3, 300}, 1, -1);
  diff({300, 3}, 1, 0);
  table.add(
      "diff", "last axis", {in({3, 4})}, [](auto x) { return ag::diff(x); }, once(-1));
}

using Binary = std::pair<Shape, Shape>;

template <class F>
Row& add(Table& table, const char* op, const Binary& shapes, const F& f, const char* subscripts) {
  const auto& [a, b] = shapes;
  return table.add(op, text(a) + " and " + text(b), {in(a), in(b)}, f, contraction(subscripts));
}

void add_matmul(Table& table) {
  const auto matmul = [&](const Shape& a, const Shape& b, const char* subscripts) {
    add(
        table, "matmul", {a, b}, [](auto x, auto y) { return ag::matmul(x, y); }, subscripts);
  };
  matmul({3, 4}, {4, 5}, "ij,jk->ik");
  matmul({1, 4}, {4, 1}, "ij,jk->ik");
  matmul({3, 1}, {1, 5}, "ij,jk->ik");
  matmul({4}, {4}, "j,j->");
  matmul({4}, {4, 5}, "j,jk->k");
  matmul({3, 4}, {4}, "ij,j->i");
  matmul({2, 3, 4}, {2, 4, 5}, "bij,bjk->bik");
  matmul({2, 3, 4}, {4, 5}, "bij,jk->bik");
  matmul({3, 4}, {2, 4, 5}, "ij,bjk->bik");
  matmul({1, 3, 4}, {2, 4, 5}, "bij,bjk->bik");
  matmul({2, 1, 3, 4}, {3, 4, 2}, "abij,bjk->abik");
  matmul({2, 3, 4}, {4}, "bij,j->bi");
  matmul({4}, {2, 4, 5}, "j,bjk->bk");
  matmul({2, 1, 3, 4}, {1, 3, 4, 2}, "abij,abjk->abik");
  matmul({1, 1}, {1, 1}, "ij,jk->ik");
  matmul({0, 4}, {4, 5}, "ij,jk->ik");
  matmul({3, 0}, {0, 5}, "ij,jk->ik");
  matmul({0, 3, 4}, {4, 5}, "bij,jk->bik");
  matmul({20, 30}, {30, 17}, "ij,jk->ik");
  table.add(
      "matmul", "with itself", {in({3, 3})}, [](auto x) { return ag::matmul(x, x); },
      [](const std::vector<Array>& x) {
        return contraction("ij,jk->ik")({x[0], x[0]});
      });
  table.add(
      "matmul", "with its transpose", {in({3, 4})},
      [](auto x) { return ag::matmul(x, ag::transpose(x)); },
      [](const std::vector<Array>& x) {
        return contraction("ij,kj->ik")({x[0], x[0]});
      });
}

void add_dot(Table& table) {
  const auto dot = [&](const Shape& a, const Shape& b, const char* subscripts) {
    add(
        table, "dot", {a, b}, [](auto x, auto y) { return ag::dot(x, y); }, subscripts);
  };
  dot({}, {3, 4}, ",ij->ij");
  dot({3}, {}, "i,->i");
  dot({4}, {4}, "j,j->");
  dot({3, 4}, {4}, "ij,j->i");
  dot({4}, {4, 2}, "j,jk->k");
  dot({3, 4}, {4, 2}, "ij,jk->ik");
  dot({2, 3, 4}, {4}, "aij,j->ai");
  dot({2, 3, 4}, {4, 5}, "aij,jk->aik");
  dot({2, 4}, {3, 4, 5}, "aj,bjk->abk");
  dot({2, 3, 4}, {2, 4, 5}, "aij,bjk->aibk");
}

void add_inner_and_outer(Table& table) {
  const auto inner = [&](const Shape& a, const Shape& b, const char* subscripts) {
    add(
        table, "inner", {a, b}, [](auto x, auto y) { return ag::inner(x, y); }, subscripts);
  };
  inner({}, {3}, ",i->i");
  inner({4}, {4}, "j,j->");
  inner({3, 4}, {4}, "ij,j->i");
  inner({3, 4}, {2, 4}, "ij,kj->ik");
  inner({2, 3, 4}, {5, 4}, "aij,kj->aik");
  const auto outer = [&](const Shape& a, const Shape& b) {
    add(
        table, "outer", {a, b}, [](auto x, auto y) { return ag::outer(x, y); }, "i,j->ij")
        .reference = [](const std::vector<Array>& x) {
      const auto flat = [](const Array& each) { return reshaped({Index(each.size())})({each}); };
      return contraction("i,j->ij")({flat(x[0]), flat(x[1])});
    };
  };
  outer({3}, {4});
  outer({2, 3}, {4});
  outer({2}, {2, 2});
  outer({}, {3});
  outer({0}, {3});
}

void add_kron(Table& table) {
  const auto kron = [&](const Shape& a, const Shape& b) {
    const auto reference = [=](const std::vector<Array>& x) {
      const std::size_t axes = std::max(a.size(), b.size());
      Shape left(axes, 1), right(axes, 1), shape;
      std::copy_backward(a.begin(), a.end(), left.end());
      std::copy_backward(b.begin(), b.end(), right.end());
      for (std::size_t i = 0; i < axes; ++i) shape.push_back(left[i] * right[i]);
      return build(shape, [&](const Place& p) {
        Place of_a = p, of_b = p;
        for (std::size_t i = 0; i < axes; ++i) of_a[i] /= right[i], of_b[i] %= right[i];
        return at(x[0], of_a) * at(x[1], of_b);
      });
    };
    table.add(
        "kron", text(a) + " and " + text(b), {in(a), in(b)},
        [](auto x, auto y) { return ag::kron(x, y); }, reference);
  };
  kron({2, 3}, {4, 5});
  kron({1, 1}, {2, 3});
  kron({2, 3}, {1, 1});
  kron({3, 1}, {1, 4});
  kron({3}, {4});
  kron({}, {});
  kron({}, {2, 3});
  kron({4}, {2, 3});
  kron({2, 3}, {4});
  kron({2, 1, 3}, {2, 2, 1});
  kron({0, 3}, {2, 2});
  kron({2, 3}, {2, 0});
  table.add(
      "kron", "with itself", {in({2, 3})}, [](auto x) { return ag::kron(x, x); },
      [](const std::vector<Array>& x) {
        return reshaped({4, 9})({contraction("ij,kl->ikjl")({x[0], x[0]})});
      });
}

void add_tensordot(Table& table) {
  const auto counted = [&](const Shape& a, const Shape& b, int axes, const char* subscripts) {
    table.add(
        "tensordot", text(a) + " and " + text(b) + " over " + std::to_string(axes), {in(a), in(b)},
        [=](auto x, auto y) { return ag::tensordot(x, y, axes); }, contraction(subscripts));
  };
  counted({3, 4}, {4, 5}, 1, "ij,jk->ik");
  counted({2, 3, 4}, {3, 4, 5}, 2, "aij,ijk->ak");
  counted({2, 3}, {4}, 0, "ij,k->ijk");
  counted({3, 4}, {3, 4}, 2, "ij,ij->");
  counted({}, {}, 0, ",->");
  const auto named = [&](const Shape& a, const Shape& b, const ag::Extents& left,
                         const ag::Extents& right, const char* subscripts) {
    table.add(
        "tensordot", subscripts, {in(a), in(b)},
        [=](auto x, auto y) { return ag::tensordot(x, y, left, right); }, contraction(subscripts));
  };
  named({3, 4}, {5, 3}, 0, 1, "ij,ki->jk");
  named({2, 3, 4}, {4, 2, 5}, {0, 2}, {1, 0}, "aij,jak->ik");
  named({2, 3, 4}, {3, 4}, {-1, 1}, {-1, 0}, "aij,ij->a");
}

void add_einsum(Table& table) {
  const auto one = [&](const char* subscripts, const Shape& a) {
    table
        .add(
            "einsum", subscripts, {in(a)}, [=](auto x) { return ag::einsum(subscripts, {x}); },
            contraction(subscripts))
        .takes_heap();
  };
  one("ij->ij", {3, 4});
  one("ij->ji", {3, 4});
  one("ij->", {3, 4});
  one("ij->j", {3, 4});
  one("ijk->ki", {2, 3, 4});
  one("ii->i", {3, 3});
  one("ii->", {3, 3});
  one("iij->ji", {3, 3, 2});
  one("->", {});
  const auto two = [&](const char* subscripts, const Shape& a, const Shape& b) {
    table
        .add(
            "einsum", subscripts, {in(a), in(b)},
            [=](auto x, auto y) {
              return ag::einsum(subscripts, {x, y});
            },
            contraction(subscripts))
        .takes_heap();
  };
  two("ij,jk->ik", {3, 4}, {4, 5});
  two("ij,kj->ki", {3, 4}, {5, 4});
  two("i,i->", {4}, {4});
  two("i,j->ij", {3}, {4});
  two("ij,ij->ij", {3, 4}, {3, 4});
  two("bij,bjk->bik", {2, 3, 4}, {2, 4, 5});
  two("bij,jk->bik", {2, 3, 4}, {4, 5});
  two("ijk,ik->", {2, 3, 4}, {2, 4});
  two("ij,j->ij", {3, 4}, {4});
  two(",ij->ji", {}, {3, 4});
  table
      .add(
          "einsum", "ij,jk,kl->il", {in({2, 3}), in({3, 4}), in({4, 2})},
          [](auto x, auto y, auto z) {
            return ag::einsum("ij,jk,kl->il", {x, y, z});
          },
          contraction("ij,jk,kl->il"))
      .takes_heap();
  table
      .add(
          "einsum", "i,i,i->i", {in({4}), in({4}), in({4})},
          [](auto x, auto y, auto z) {
            return ag::einsum("i,i,i->i", {x, y, z});
          },
          contraction("i,i,i->i"))
      .takes_heap();
  table
      .add(
          "einsum", "implicit output", {in({3, 4}), in({4, 2})},
          [](auto x, auto y) {
            return ag::einsum("cb, ba", {x, y});
          },
          contraction("cb,ba->ac"))
      .takes_heap();
}

}  // namespace

void add_products(Table& table) {
  add_diff(table);
  add_matmul(table);
  add_dot(table);
  add_inner_and_outer(table);
  add_kron(table);
  add_tensordot(table);
  add_einsum(table);
}

}  // namespace op_cases
