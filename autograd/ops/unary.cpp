/// Elementwise functions of one argument.
#include "autograd/detail/dual.hpp"
#include "autograd/ops/pairs.hpp"

namespace autograd {
namespace rules {
namespace {

constexpr T ln2 = T(0.693147180559945309417232121458);
constexpr T ln10 = T(2.302585092994045684017991454684);
constexpr T two_over_sqrt_pi = T(1.128379167095512573896158903122);

struct Unary {
  static constexpr int arity = 1;
};

// clang-format off
struct Negative : Unary { static constexpr auto name = "negative";
  static constexpr bool negates = true;
  static constexpr auto value(auto x) { return x * T(-1); }  // xsimd computes 0 - x, which loses the sign of 0
  static constexpr auto vjp(auto g, auto, auto) { return -g; } };
AUTOGRAD_UNARY(negative, Negative)

struct Exp : Unary { static constexpr auto name = "exp";
  static constexpr auto value(auto x) { return exp(x); }
  static constexpr auto vjp(auto g, auto, auto y) { return g * y; } };
AUTOGRAD_UNARY(exp, Exp)

struct Expm1 : Unary { static constexpr auto name = "expm1";
  static constexpr auto value(auto x) { return expm1(x); }
  static constexpr auto vjp(auto g, auto x, auto) { return g * exp(x); } };
AUTOGRAD_UNARY(expm1, Expm1)

struct Log : Unary { static constexpr auto name = "log";
  static constexpr auto value(auto x) { return log(x); }
  static constexpr auto vjp(auto g, auto x, auto) { return g / x; } };
AUTOGRAD_UNARY(log, Log)

struct Log1p : Unary { static constexpr auto name = "log1p";
  static constexpr auto value(auto x) { return log1p(x); }
  static constexpr auto vjp(auto g, auto x, auto) { return g / (x + T(1)); } };
AUTOGRAD_UNARY(log1p, Log1p)

struct Log2 : Unary { static constexpr auto name = "log2";
  static constexpr auto value(auto x) { return log2(x); }
  static constexpr auto vjp(auto g, auto x, auto) { return g / (x * ln2); } };
AUTOGRAD_UNARY(log2, Log2)

struct Log10 : Unary { static constexpr auto name = "log10";
  static constexpr auto value(auto x) { return log10(x); }
  static constexpr auto vjp(auto g, auto x, auto) { return g / (x * ln10); } };
AUTOGRAD_UNARY(log10, Log10)

struct Sqrt : Unary { static constexpr auto name = "sqrt";
  static constexpr auto value(auto x) { return sqrt(x); }
  static V product(const Factors<T>& f, const Factors<T>& g, const V& x, const V& y) {
    return g.times(f.times(where(y == y, x, y))); }
  static constexpr auto vjp(auto g, auto, auto y) { return g * T(0.5) / y; } };
AUTOGRAD_UNARY(sqrt, Sqrt)

struct Cbrt : Unary { static constexpr auto name = "cbrt";
  static constexpr auto value(auto x) { return cbrt(x); }
  static constexpr auto vjp(auto g, auto, auto y) { return g / (T(3) * y * y); } };
AUTOGRAD_UNARY(cbrt, Cbrt)

struct Square : Unary { static constexpr auto name = "square";
  static constexpr auto value(auto x) { return x * x; }
  static constexpr auto vjp(auto g, auto x, auto) { return g * T(2) * x; } };

struct Abs : Unary { static constexpr auto name = "abs";
  static constexpr auto value(auto x) { return abs(x); }
  static V product(const Factors<T>& f, const Factors<T>& g, const V& x, const V&) { return scaled_square(x, f, g); }
  static constexpr auto vjp(auto g, auto x, auto) { return g * sign(x); } };
AUTOGRAD_UNARY(abs, Abs)

struct Sign : Unary { static constexpr auto name = "sign";
  static constexpr auto value(auto x) { return sign(x); } };
AUTOGRAD_UNARY(sign, Sign)

struct Floor : Unary { static constexpr auto name = "floor";
  static constexpr auto value(auto x) { return floor(x); } };
AUTOGRAD_UNARY(floor, Floor)

struct Sin : Unary { static constexpr auto name = "sin";
  static constexpr auto value(auto x) { return sin(x); }
  static constexpr auto vjp(auto g, auto x, auto) { return g * cos(x); } };
AUTOGRAD_UNARY(sin, Sin)

struct Cos : Unary { static constexpr auto name = "cos";
  static constexpr auto value(auto x) { return cos(x); }
  static constexpr auto vjp(auto g, auto x, auto) { return -g * sin(x); } };
AUTOGRAD_UNARY(cos, Cos)

struct Tan : Unary { static constexpr auto name = "tan";
  static constexpr auto value(auto x) { return tan(x); }
  static constexpr auto vjp(auto g, auto, auto y) { return g * (T(1) + y * y); } };
AUTOGRAD_UNARY(tan, Tan)

struct Arcsin : Unary { static constexpr auto name = "arcsin";
  static constexpr auto value(auto x) { return arcsin(x); }
  static constexpr auto vjp(auto g, auto x, auto) { return g / sqrt((T(1) - x) * (T(1) + x)); } };
AUTOGRAD_UNARY(arcsin, Arcsin)

struct Arccos : Unary { static constexpr auto name = "arccos";
  static constexpr auto value(auto x) { return arccos(x); }
  static constexpr auto vjp(auto g, auto x, auto) { return -g / sqrt((T(1) - x) * (T(1) + x)); } };
AUTOGRAD_UNARY(arccos, Arccos)

struct Arctan : Unary { static constexpr auto name = "arctan";
  static constexpr auto value(auto x) { return arctan(x); }
  static constexpr auto vjp(auto g, auto x, auto) { return g / (T(1) + x * x); } };
AUTOGRAD_UNARY(arctan, Arctan)

struct Sinh : Unary { static constexpr auto name = "sinh";
  static constexpr auto value(auto x) { return sinh(x); }
  static constexpr auto vjp(auto g, auto x, auto) { return g * cosh(x); } };
AUTOGRAD_UNARY(sinh, Sinh)

struct Cosh : Unary { static constexpr auto name = "cosh";
  static constexpr auto value(auto x) { return cosh(x); }
  static constexpr auto vjp(auto g, auto x, auto) { return g * sinh(x); } };
AUTOGRAD_UNARY(cosh, Cosh)

struct Tanh : Unary { static constexpr auto name = "tanh";
  static constexpr auto value(auto x) { return tanh(x); }
  static constexpr auto vjp(auto g, auto, auto y) { return g * (T(1) - y * y); } };
AUTOGRAD_UNARY(tanh, Tanh)

AUTOGRAD_RULE_FUNCTION1(arcsinh, std::asinh, xsimd::asinh)
struct Arcsinh : Unary { static constexpr auto name = "arcsinh";
  static constexpr auto value(auto x) { return arcsinh(x); }
  static constexpr auto vjp(auto g, auto x, auto) { return g / hypot(x, T(1)); } };
AUTOGRAD_UNARY(arcsinh, Arcsinh)

struct Sigmoid : Unary { static constexpr auto name = "sigmoid";
  static constexpr auto value(auto x) { return sigmoid(x); }
  static constexpr auto vjp(auto g, auto x, auto y) { return g * y * sigmoid_complement(x, y); } };
AUTOGRAD_UNARY(sigmoid, Sigmoid)

struct Softplus : Unary { static constexpr auto name = "softplus";
  static constexpr auto value(auto x) { return where(x > T(0), x, T(0)) + log1p(exp(-abs(x))); }
  static constexpr auto vjp(auto g, auto x, auto) { return g * sigmoid(x); } };
AUTOGRAD_UNARY(softplus, Softplus)

struct Relu : Unary { static constexpr auto name = "relu";
  static constexpr auto value(auto x) { return where(x < T(0), T(0), x); }
  static constexpr auto vjp(auto g, auto x, auto) { return where(x <= T(0), T(0), g); } };
AUTOGRAD_UNARY(relu, Relu)

struct Erf : Unary { static constexpr auto name = "erf";
  static constexpr auto value(auto x) { return erf(x); }
  static constexpr auto vjp(auto g, auto x, auto) { return g * two_over_sqrt_pi * exp(-x * x); } };
AUTOGRAD_UNARY(erf, Erf)
// clang-format on

template <>
constexpr MapOp<T> map_op<Square> = [] {
  MapOp<T> op = make_map_op<Square>();
  op.value = summed_value<Square>();
  op.rules[0] = with_differences<Square>(op.rules[0]);
  return op;
}();

}  // namespace
}  // namespace rules

V operator-(const V& x) { return apply<rules::Negative>(x); }
V square(const V& x) {
  const Node<T>& node = tape().node("square", x);
  if (node.op == &rules::map_op<rules::Negative>) return square(tape().var(node.inputs[0]));
  if (const auto smooth = product_at_kink(x, x)) return *smooth;
  return apply<rules::Square>(x);
}
AUTOGRAD_UNARY_SLOPES(square, Square)

}  // namespace autograd
