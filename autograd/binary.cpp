/// Elementwise functions of two or three arguments, which broadcast.
#include "autograd/rule.hpp"

namespace autograd {
namespace rules {
namespace {

struct Binary {
  static constexpr int arity = 2;
};

constexpr T no_number = std::numeric_limits<T>::quiet_NaN();

// Rules say == and never !=: with AVX, xsimd 8.1 holds NaN != NaN for false.

/// h, but 0 where g is 0 and r is not finite.
template <class A>
constexpr A finite_part(const A& h, const A& r, const A& g) {
  return where(g == A(T(0)), where(r - r == A(T(0)), h, A(T(0))), h);
}
V finite_part(const V& h, const V& r, const V& g);

/// a - b, but 0 where both are the same infinity.
template <class A>
constexpr A difference(const A& a, const A& b) {
  const A d = a - b;
  return where(d == d, d, where(a == b, A(T(0)), d));
}

// clang-format off
struct Add : Binary { static constexpr auto name = "add";
  static constexpr auto value(auto a, auto b) { return a + b; }
  static constexpr auto vjp_a(auto g, auto, auto, auto) { return g; }
  static constexpr auto vjp_b(auto g, auto, auto, auto) { return g; } };

struct Subtract : Binary { static constexpr auto name = "subtract";
  static constexpr auto value(auto a, auto b) { return a - b; }
  static constexpr auto vjp_a(auto g, auto, auto, auto) { return g; }
  static constexpr auto vjp_b(auto g, auto, auto, auto) { return -g; } };

struct Multiply : Binary { static constexpr auto name = "multiply";
  static constexpr auto value(auto a, auto b) { return a * b; }
  static constexpr auto vjp_a(auto g, auto, auto b, auto) { return g * b; }
  static constexpr auto vjp_b(auto g, auto a, auto, auto) { return g * a; } };

struct Divide : Binary { static constexpr auto name = "divide";
  static constexpr auto value(auto a, auto b) { return a / b; }
  static constexpr auto vjp_a(auto g, auto, auto b, auto) { return g / b; }
  static constexpr auto vjp_b(auto g, auto, auto b, auto y) { return -g * y / b; } };

struct Power : Binary { static constexpr auto name = "power";
  static constexpr auto value(auto a, auto b) { return power(a, b); }
  static constexpr auto vjp_a(auto g, auto a, auto b, auto) { return g * b * power(a, where(b == T(0), T(1), b - T(1))); }
  static constexpr auto vjp_b(auto g, auto a, auto, auto y) { return g * y * log(where(a == T(0), T(1), a)); } };

/// Both receive NaN where one of them is.
struct Maximum : Binary { static constexpr auto name = "maximum";
  static constexpr auto value(auto a, auto b) { return where(a == a, where(a > b, a, b), a); }
  static constexpr auto vjp_a(auto g, auto a, auto b, auto) { return where(a == b, g * T(0.5), where(a > b, g, where(a < b, T(0), g * a * no_number))); }
  static constexpr auto vjp_b(auto g, auto a, auto b, auto) { return where(a == b, g * T(0.5), where(a < b, g, where(a > b, T(0), g * b * no_number))); } };

struct Minimum : Binary { static constexpr auto name = "minimum";
  static constexpr auto value(auto a, auto b) { return where(a == a, where(a < b, a, b), a); }
  static constexpr auto vjp_a(auto g, auto a, auto b, auto) { return where(a == b, g * T(0.5), where(a < b, g, where(a > b, T(0), g * a * no_number))); }
  static constexpr auto vjp_b(auto g, auto a, auto b, auto) { return where(a == b, g * T(0.5), where(a > b, g, where(a < b, T(0), g * b * no_number))); } };

struct Hypot : Binary { static constexpr auto name = "hypot";
  static constexpr auto value(auto a, auto b) { return hypot(a, b); }
  static V squared(const V& a, const V& b, const V&) { return square(a) + square(b); }
  static constexpr auto vjp_a(auto g, auto a, auto, auto y) { return g * over_root(a, y); }
  static constexpr auto vjp_b(auto g, auto, auto b, auto y) { return g * over_root(b, y); } };

struct Arctan2 : Binary { static constexpr auto name = "arctan2";
  static constexpr auto value(auto a, auto b) { return arctan2(a, b); }
  static constexpr auto vjp_a(auto g, auto a, auto b, auto) { auto r = hypot(a, b); return g * (b / r) / r; }
  static constexpr auto vjp_b(auto g, auto a, auto b, auto) { auto r = hypot(a, b); return -g * (a / r) / r; } };

struct Logaddexp : Binary { static constexpr auto name = "logaddexp";
  static constexpr auto value(auto a, auto b) { return where(a == b, a + T(0.693147180559945309417232121458), where(a > b, a, b) + log1p(exp(-abs(a - b)))); }
  static constexpr auto vjp_a(auto g, auto a, auto b, auto) { return g * sigmoid(difference(a, b)); }
  static constexpr auto vjp_b(auto g, auto a, auto b, auto) { return g * sigmoid(difference(b, a)); } };

struct Equal : Binary { static constexpr auto name = "equal";
  static constexpr auto value(auto a, auto b) { return where(a == b, T(1), T(0)); } };
struct NotEqual : Binary { static constexpr auto name = "not_equal";
  static constexpr auto value(auto a, auto b) { return where(a == b, T(0), T(1)); } };
struct Less : Binary { static constexpr auto name = "less";
  static constexpr auto value(auto a, auto b) { return where(a < b, T(1), T(0)); } };
struct LessEqual : Binary { static constexpr auto name = "less_equal";
  static constexpr auto value(auto a, auto b) { return where(a <= b, T(1), T(0)); } };
struct Greater : Binary { static constexpr auto name = "greater";
  static constexpr auto value(auto a, auto b) { return where(a > b, T(1), T(0)); } };
struct GreaterEqual : Binary { static constexpr auto name = "greater_equal";
  static constexpr auto value(auto a, auto b) { return where(a >= b, T(1), T(0)); } };

/// where(mask, a, b) with the mask last, since it has no derivative.
struct Where { static constexpr auto name = "where"; static constexpr int arity = 3;
  static constexpr auto value(auto a, auto b, auto mask) { return where(mask == T(0), b, a); }
  static constexpr auto vjp_a(auto g, auto, auto, auto mask, auto) { return where(mask == T(0), T(0), g); }
  static constexpr auto vjp_b(auto g, auto, auto, auto mask, auto) { return where(mask == T(0), g, T(0)); } };

/// h, but 0 where r is not finite and g is 0. Linear in h, and its own derivative.
struct DropNonFinite { static constexpr auto name = "drop_non_finite"; static constexpr int arity = 3;
  static constexpr auto value(auto h, auto r, auto g) { return finite_part(h, r, g); }
  static constexpr auto vjp_a(auto c, auto, auto r, auto g, auto) { return finite_part(c, r, g); } };
// clang-format on

V finite_part(const V& h, const V& r, const V& g) { return apply<DropNonFinite>(h, r, g); }

}  // namespace
}  // namespace rules

namespace {

/// A result with a kink, times or divided by `factor` where there is one.
struct Multiple {
  NodeId root;
  std::optional<V> factor;
  bool divides = false;

  V of(const V& x) const { return !factor ? x : divides ? x / *factor : x * *factor; }
};

/// x as a multiple of something that has a smooth square, if it is one.
std::optional<Multiple> as_multiple(const V& x) {
  const NodeId id = tape().id("multiply", x);
  const Node<T>& node = tape()[id];
  if (node.op->square != nullptr) return Multiple{id, {}};
  const bool divides = node.op == &rules::map_op<rules::Divide>;
  if (!divides && node.op != &rules::map_op<rules::Multiply>) return {};
  for (int k = 0; k < (divides ? 1 : 2); ++k) {
    const NodeId root = node.inputs[k];
    if (tape()[root].op->square != nullptr) {
      return Multiple{root, tape().var(node.inputs[1 - k]), divides};
    }
  }
  return {};
}

/// Whether both nodes are the same function of the same inputs.
bool equal_results(const Node<T>& a, const Node<T>& b) {
  const auto mask = [](const Node<T>& node) {
    return node.attributes == nullptr ? 0 : static_cast<const ReducedAxes*>(node.attributes)->mask;
  };
  return a.op == b.op && std::ranges::equal(a.in(), b.in()) && mask(a) == mask(b) &&
         same(a.layout->dims(), b.layout->dims());
}

}  // namespace

template <>
std::optional<V> product_of_roots(const V& a, const V& b) {
  if (!tape().has_roots) return {};
  const auto q = as_multiple(b);
  if (!q) return {};
  const auto p = as_multiple(a);
  if (!p || !equal_results(tape()[p->root], tape()[q->root])) return {};
  return q->of(p->of(tape()[p->root].op->square(tape(), p->root)));
}

V operator+(const V& a, const V& b) { return apply<rules::Add>(a, b); }
V operator-(const V& a, const V& b) { return apply<rules::Subtract>(a, b); }
V operator*(const V& a, const V& b) {
  if (tape().has_roots) {
    if (const auto smooth = product_of_roots(a, b)) return *smooth;
  }
  return apply<rules::Multiply>(a, b);
}
V operator/(const V& a, const V& b) { return apply<rules::Divide>(a, b); }
V add(const V& a, const V& b) { return a + b; }
V subtract(const V& a, const V& b) { return a - b; }
V multiply(const V& a, const V& b) { return a * b; }
V divide(const V& a, const V& b) { return a / b; }
V maximum(const V& a, const V& b) { return apply<rules::Maximum>(a, b); }
V minimum(const V& a, const V& b) { return apply<rules::Minimum>(a, b); }
V hypot(const V& a, const V& b) { return apply<rules::Hypot>(a, b); }
V arctan2(const V& a, const V& b) { return apply<rules::Arctan2>(a, b); }
V logaddexp(const V& a, const V& b) { return apply<rules::Logaddexp>(a, b); }

V power(const V& a, const V& b) {
  const Node<T>& exponent = tape().node("power", b);  // a number is never pending
  const bool squares = !exponent.active && exponent.layout->rank == 0 && *exponent.data == T(2);
  return squares ? square(a) : apply<rules::Power>(a, b);
}

V where(const V& mask, const V& a, const V& b) { return apply<rules::Where>(a, b, mask); }
V clip(const V& x, const V& low, const V& high) {
  const Dims shape = broadcast_shapes("clip", x.shape(), low.shape(), "x", "low");
  broadcast_shapes("clip", shape, high.shape(), "x", "high");
  return where(x < low, where(low > high, high, low), where(x > high, high, x));
}
V drop_non_finite(const V& r, const V& g) { return rules::finite_part(r, r, g); }

V equal(const V& a, const V& b) { return apply<rules::Equal>(a, b); }
V not_equal(const V& a, const V& b) { return apply<rules::NotEqual>(a, b); }
V operator<(const V& a, const V& b) { return apply<rules::Less>(a, b); }
V operator<=(const V& a, const V& b) { return apply<rules::LessEqual>(a, b); }
V operator>(const V& a, const V& b) { return apply<rules::Greater>(a, b); }
V operator>=(const V& a, const V& b) { return apply<rules::GreaterEqual>(a, b); }
V operator==(const V& a, const V& b) { return equal(a, b); }
V operator!=(const V& a, const V& b) { return not_equal(a, b); }

}  // namespace autograd
