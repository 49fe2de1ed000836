/// Elementwise functions of two or three arguments, which broadcast.
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

#include "autograd/detail/dual.hpp"
#include "autograd/ops/pairs.hpp"

namespace autograd {
namespace rules {
namespace {

constexpr T no_number = std::numeric_limits<T>::quiet_NaN();

/// The contribution h to a gradient; but 0 where its cotangent g is 0 and r is not finite.
template <class A>
constexpr A finite_part(const A& h, const A& r, const A& g) {
  return where(g == A(T(0)), where(r - r == A(T(0)), h, A(T(0))), h);
}
V finite_part(const V& h, const V& r, const V& g);

/// a - b; but 0 where both are the same infinity.
template <class A>
constexpr A difference(const A& a, const A& b) {
  const A d = a - b;
  return where(d == d, d, where(a == b, A(T(0)), d));
}

// clang-format off
struct Power : Binary { static constexpr auto name = "power";
  static constexpr auto value(auto a, auto b) { return power(a, b); }
  static constexpr auto vjp_a(auto g, auto a, auto b, auto) { return g * (b * power(a, where(b == T(0), T(1), b - T(1)))); }
  static constexpr auto vjp_b(auto g, auto a, auto, auto y) { return g * (y * log(where(a == T(0), T(1), a))); } };

/// Both arguments receive NaN where one of them is NaN.
struct Maximum : Binary { static constexpr auto name = "maximum";
  static constexpr auto value(auto a, auto b) { return where(a == a, where(a > b, a, b), a); }
  static constexpr auto vjp_a(auto g, auto a, auto b, auto) { return where(a == b, g * T(0.5), where(a > b, g, where(a < b, T(0), g * a * no_number))); }
  static constexpr auto vjp_b(auto g, auto a, auto b, auto) { return where(a == b, g * T(0.5), where(a < b, g, where(a > b, T(0), g * b * no_number))); } };
AUTOGRAD_BINARY(maximum, Maximum)

struct Minimum : Binary { static constexpr auto name = "minimum";
  static constexpr auto value(auto a, auto b) { return where(a == a, where(a < b, a, b), a); }
  static constexpr auto vjp_a(auto g, auto a, auto b, auto) { return where(a == b, g * T(0.5), where(a < b, g, where(a > b, T(0), g * a * no_number))); }
  static constexpr auto vjp_b(auto g, auto a, auto b, auto) { return where(a == b, g * T(0.5), where(a > b, g, where(a < b, T(0), g * b * no_number))); } };
AUTOGRAD_BINARY(minimum, Minimum)

struct Hypot : Binary { static constexpr auto name = "hypot";
  static constexpr auto value(auto a, auto b) { return hypot(a, b); }
  static V product(const Factors<T>& f, const Factors<T>& g, const V& a, const V& b, const V&) { return scaled_square(a, f, g) + scaled_square(b, f, g); }
  static constexpr auto vjp_a(auto g, auto a, auto, auto y) { return g * over_root(a, y); }
  static constexpr auto vjp_b(auto g, auto, auto b, auto y) { return g * over_root(b, y); } };
AUTOGRAD_BINARY(hypot, Hypot)

struct Arctan2 : Binary { static constexpr auto name = "arctan2";
  static constexpr auto value(auto a, auto b) { return arctan2(a, b); }
  static constexpr auto vjp_a(auto g, auto a, auto b, auto) { auto r = hypot(a, b); return g * (b / r / r); }
  static constexpr auto vjp_b(auto g, auto a, auto b, auto) { auto r = hypot(a, b); return -g * (a / r / r); } };
AUTOGRAD_BINARY(arctan2, Arctan2)

struct Logaddexp : Binary { static constexpr auto name = "logaddexp";
  static constexpr auto value(auto a, auto b) { return where(a == b, a + T(0.693147180559945309417232121458), where(a > b, a, b) + log1p(exp(-abs(a - b)))); }
  static constexpr auto vjp_a(auto g, auto a, auto b, auto) { return g * sigmoid(difference(a, b)); }
  static constexpr auto vjp_b(auto g, auto a, auto b, auto) { return g * sigmoid(difference(b, a)); } };
AUTOGRAD_BINARY(logaddexp, Logaddexp)

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

/// where(mask, a, b). The mask is the last input here: it has no derivative, and vjp_a and vjp_b
/// belong to the first two inputs.
struct Where { static constexpr auto name = "where"; static constexpr int arity = 3;
  static constexpr auto value(auto a, auto b, auto mask) { return where(mask == T(0), b, a); }
  static constexpr auto vjp_a(auto g, auto, auto, auto mask, auto) { return where(mask == T(0), T(0), g); }
  static constexpr auto vjp_b(auto g, auto, auto, auto mask, auto) { return where(mask == T(0), g, T(0)); } };

/// h; but 0 where r is not finite and g is 0. The operation is linear in h, and its own derivative.
struct DropNonFinite { static constexpr auto name = "drop_non_finite"; static constexpr int arity = 3;
  static constexpr auto value(auto h, auto r, auto g) { return finite_part(h, r, g); }
  static constexpr auto vjp_a(auto c, auto, auto r, auto g, auto) { return finite_part(c, r, g); } };
// clang-format on

template <>
constexpr MapOp<T> map_op<Subtract> = [] {
  MapOp<T> op = make_map_op<Subtract>();
  op.subtracts = true;
  return op;
}();
template <>
constexpr MapOp<T> map_op<Multiply> = [] {
  MapOp<T> op = make_map_op<Multiply>();
  op.value = summed_value<Multiply>();
  return op;
}();

V finite_part(const V& h, const V& r, const V& g) { return apply<DropNonFinite>(h, r, g); }

}  // namespace
}  // namespace rules

namespace {

/// A Var that is a result with a kink (see Op::product) times factors.
struct Multiple {
  NodeId kinked;
  Factors<T> factors;
};

/// Finds a result with a kink, times factors, in x: through negations, products and quotients.
/// Returns nothing if there is none.
std::optional<Multiple> as_multiple(NodeId x, int depth = deepest_expression) {
  const Node<T>& node = tape()[x];
  if (node.op->product != nullptr) return Multiple{x, {}};
  const bool divides = node.op == &rules::map_op<rules::Divide>;
  const bool negates = map_op_of(node) != nullptr && map_op_of(node)->negates;
  if (depth == 0 || !(divides || negates || node.op == &rules::map_op<rules::Multiply>)) return {};
  const NodeId in[] = {node.inputs[0], node.inputs[1]};
  for (int k = 0; k < (divides || negates ? 1 : 2); ++k) {
    if (auto found = as_multiple(in[k], depth - 1)) {
      found->factors.add(negates ? V(-1) : tape().var(in[1 - k]), divides);
      return found;
    }
  }
  return {};
}

/// Whether two nodes can be seen to have equal values, without computing: they show the same part
/// of an array, or are the same constants, or the same operation on equal inputs. Two arguments in
/// the same memory are different variables.
bool equal_results(NodeId first, NodeId second, int depth = deepest_expression) {
  if (first == second) return true;
  const Node<T>&a = tape()[first], &b = tape()[second];
  if (a.op != b.op || !same_layout(*a.layout, *b.layout)) return false;
  if (a.root != first && a.root == b.root && a.data == b.data) return true;
  if (a.op == &constant_op<T>) {
    const auto bytes = static_cast<std::size_t>(a.layout->size) * sizeof(T);
    return a.layout->dense && std::memcmp(a.data, b.data, bytes) == 0;
  }
  const auto axes = [](const Node<T>& node) {
    return node.attributes == nullptr ? 0 : static_cast<const ReducedAxes*>(node.attributes)->mask;
  };
  if (map_op_of(a) == nullptr || axes(a) != axes(b) || depth == 0) return false;
  for (int k = 0; k < a.count; ++k) {
    if (!equal_results(a.inputs[k], b.inputs[k], depth - 1)) return false;
  }
  return true;
}

}  // namespace

template <class T>
std::optional<Var<T>> product_at_kink(const Var<T>& a, const Var<T>& b) {
  if (!tape().has_kinks) return {};
  const auto q = as_multiple(tape().id("multiply", b));
  if (!q) return {};
  const auto p = as_multiple(tape().id("multiply", a));
  if (!p || !equal_results(p->kinked, q->kinked)) return {};
  return tape()[p->kinked].op->product(tape(), p->kinked, p->factors, q->factors);
}
template std::optional<V> product_at_kink(const V&, const V&);

V operator+(const V& a, const V& b) { return apply<rules::Add>(a, b); }
V operator-(const V& a, const V& b) { return apply<rules::Subtract>(a, b); }
V operator*(const V& a, const V& b) {
  if (tape().has_kinks) {  // the call costs as much as the product of two numbers
    if (const auto smooth = product_at_kink(a, b)) return *smooth;
  }
  return apply<rules::Multiply>(a, b);
}
V operator/(const V& a, const V& b) { return apply<rules::Divide>(a, b); }
V add(const V& a, const V& b) { return a + b; }
V subtract(const V& a, const V& b) { return a - b; }
V multiply(const V& a, const V& b) { return a * b; }
V divide(const V& a, const V& b) { return a / b; }

V power(const V& a, const V& b) {
  const bool is_number = tape().common_layout(b) == &scalar_layout;  // and is not lazy
  const bool squares = is_number && !tape().is_active(b) && *tape().computed_value(b) == T(2);
  return squares ? square(a) : apply<rules::Power>(a, b);
}
AUTOGRAD_BINARY_SLOPES(power, Power)

namespace {
bool is_number(const V& x) { return x.dimension() == 0 && !std::isnan(x.item()); }
}  // namespace

V where(const V& mask, const V& a, const V& b) { return apply<rules::Where>(a, b, mask); }
V clip(const V& x, const V& low, const V& high) {
  const Dims shape = broadcast_shapes("clip", x.shape(), low.shape(), "x", "low");
  broadcast_shapes("clip", shape, high.shape(), "x", "high");
  const V clipped = where(x < low, where(low > high, high, low), where(x > high, high, x));
  if (is_number(low) && is_number(high)) return clipped;
  return where(low == low, where(high == high, clipped, high), low);  // NaN goes through
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
