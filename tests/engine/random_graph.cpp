#include "tests/engine/random_graph.hpp"

#include <algorithm>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace random_graph {
namespace {

/// An array in a graph is small and of rank 0 to 3.
constexpr Index largest = 64;

template <class T>
class Builder {
  using V = ag::Var<T>;
  using Step = V (Builder::*)();
  struct NamedStep {
    const char* name;
    Step step;
  };

 public:
  Builder(std::uint64_t seed, std::span<const V> x, std::string* story)
      : random_(seed), pool_(x.begin(), x.end()), story_(story) {}

  V run() {
    const Index count = 6 + random_.below(10);
    for (Index i = 0; i < count; ++i) grow();
    V total = 0;
    for (const V& each : pool_) total += ag::mean(each * ag::sin(each + 1));
    return total;
  }

 private:
  // ---- choices

  V any() { return pool_[static_cast<std::size_t>(random_.below(Index(pool_.size())))]; }
  /// Something with at least `rank` axes; made from something else if need be.
  V with_rank(Index rank) {
    V x = any();
    while (x.dimension() < rank) x = ag::stack({x, ag::cos(x)}, random_.below(x.dimension() + 1));
    return x;
  }
  Index axis_of(const V& x) { return random_.below(2 * x.dimension()) - x.dimension(); }
  ag::Reduce some_axes(const V& x) {
    ag::Reduce over{.keepdims = random_.below(2) == 1};
    if (random_.below(3) == 0) return over;
    over.axis = ag::Extents();
    for (Index axis = 0; axis < x.dimension(); ++axis) {
      if (random_.below(2) == 1) over.axis->push(axis);
    }
    return over;
  }
  /// Something that broadcasts with x.
  V partner(const V& x) {
    for (int i = 0; i < 5; ++i) {
      const V y = any();
      if (broadcasts(x, y)) return y;
    }
    V y = x;
    for (Index axis = 0; axis < x.dimension(); ++axis) {
      if (random_.below(2) == 1) y = ag::mean(y, {.axis = axis, .keepdims = true});
    }
    return y;
  }
  static bool broadcasts(const V& x, const V& y) {
    for (Index axis = 1; axis <= std::min(x.dimension(), y.dimension()); ++axis) {
      const Index a = x.shape(-axis), b = y.shape(-axis);
      if (a != b && a != 1 && b != 1) return false;
    }
    return std::max(x.dimension(), y.dimension()) <= 3 && x.size() * y.size() <= 4 * largest;
  }

  // ---- steps

  void grow() {
    static constexpr NamedStep steps[] = {
        {"unary", &Builder::unary},     {"unary", &Builder::unary},
        {"binary", &Builder::binary},   {"binary", &Builder::binary},
        {"reduce", &Builder::reduce},   {"view", &Builder::view},
        {"reorder", &Builder::reorder}, {"reshape", &Builder::reshape},
        {"join", &Builder::join},       {"matmul", &Builder::matmul},
        {"along", &Builder::along},     {"change", &Builder::change},
        {"choose", &Builder::choose},   {"spread", &Builder::spread}};
    const NamedStep& chosen = steps[random_.below(std::size(steps))];
    const V y = (this->*chosen.step)();
    tell(chosen.name, y);
    if (y.size() > largest || y.dimension() > 3) return;
    pool_.push_back(tame(y));
  }

  /// Values from -2 to 2, so that nothing overflows or becomes too steep.
  static V tame(const V& x) { return ag::tanh(x * 0.5) * 2; }

  void tell(const char* step, const V& y) {
    if (story_ == nullptr) return;
    *story_ += std::string(step) + ' ' + ag::to_string(y.shape()) + "; ";
  }

  V unary() {
    const V x = any();
    switch (random_.below(12)) {
      case 0:
        return ag::exp(x);
      case 1:
        return ag::sin(x);
      case 2:
        return ag::cos(x) - x;
      case 3:
        return ag::log(ag::square(x) + 1);
      case 4:
        return ag::sqrt(x * x + 0.5);
      case 5:
        return ag::sigmoid(x);
      case 6:
        return ag::softplus(x);
      case 7:
        return ag::arctan(x);
      case 8:
        return ag::erf(x);
      case 9:
        return ag::power(x * x + 1, 1.5);
      case 10:
        return 1 / (2.5 + x);
      default:
        return -x;
    }
  }

  V binary() {
    const V a = any(), b = partner(a);
    switch (random_.below(9)) {
      case 0:
        return a + b;
      case 1:
        return a - b;
      case 2:
        return b * a;
      case 3:
        return a / (b + 3);
      case 4:
        return ag::hypot(a, b + 3);
      case 5:
        return ag::arctan2(a, b + 3);
      case 6:
        return ag::logaddexp(a, b);
      case 7:
        return ag::power(a + 3, b);
      default:
        return a * a * b;
    }
  }

  V reduce() {
    const V x = any();
    const ag::Reduce over = some_axes(x);
    switch (random_.below(7)) {
      case 0:
        return ag::sum(x, over);
      case 1:
        return ag::mean(x, over);
      case 2:
        return ag::norm(x + 3, over);
      case 3:
        return ag::logsumexp(x, over);
      case 4:
        return ag::prod(x * 0.5 + 1.5, over);
      case 5:
        return ag::var(x, over);
      default:
        return ag::norm(x + 3, {.axis = over.axis, .keepdims = true}) * x;
    }
  }

  ag::Slice slice(Index extent) {
    const Index start = random_.below(extent), step = 1 + random_.below(2);
    switch (random_.below(4)) {
      case 0:
        return {ag::Slice::index, random_.below(2) == 1 ? start : start - extent};
      case 1:
        return {ag::Slice::range, start, std::nullopt, step};
      case 2:
        return {ag::Slice::range, start, std::nullopt, -step};
      default:
        return {};
    }
  }
  std::vector<ag::Slice> slices(const V& x) {
    std::vector<ag::Slice> result;
    const Index count = random_.below(x.dimension() + 1);
    for (Index axis = 0; axis < count; ++axis) result.push_back(slice(x.shape(axis)));
    if (random_.below(4) == 0) result.insert(result.begin(), {ag::Slice::newaxis});
    return result;
  }
  V view() {
    const V x = with_rank(1);
    const auto shown = slices(x);
    return ag::view(x, std::span<const ag::Slice>(shown));
  }

  V reorder() {
    const V x = with_rank(2);
    switch (random_.below(4)) {
      case 0:
        return ag::transpose(x);
      case 1:
        return ag::swapaxes(x, axis_of(x), axis_of(x));
      case 2:
        return ag::flip(x, axis_of(x));
      default:
        return ag::roll(x, random_.below(5) - 2, axis_of(x));
    }
  }

  V reshape() {
    const V x = any();
    switch (random_.below(4)) {
      case 0:
        return ag::ravel(x);
      case 1:
        return x.size() % 2 == 0 ? ag::reshape(x, {2, -1}) : ag::reshape(x, {-1, 1});
      case 2:
        return ag::expand_dims(x, random_.below(x.dimension() + 1));
      default:
        return ag::squeeze(ag::reshape(ag::ravel(x), {1, x.size(), 1}));
    }
  }

  V join() {
    const V x = with_rank(1);
    const Index axis = axis_of(x);
    switch (random_.below(4)) {
      case 0:
        return ag::concatenate({x, ag::sin(x), x}, axis);
      case 1:
        return ag::stack({x, ag::exp(x)}, axis);
      case 2:
        return ag::repeat(x, 2, axis);
      default:
        return ag::tile(x, 2);
    }
  }

  V matmul() {
    const V a = with_rank(1);
    switch (random_.below(4)) {
      case 0:
        return ag::matmul(ag::ravel(a), ag::ravel(ag::cos(a)));
      case 1:
        return ag::outer(a, any());
      case 2:
        return a.dimension() > 1 ? ag::matmul(ag::swapaxes(a, -1, -2), a) : ag::dot(a, a);
      default:
        return ag::einsum("i,i->i", {ag::ravel(a), ag::ravel(a)});
    }
  }

  V along() {
    const V x = with_rank(1);
    const Index axis = axis_of(x);
    switch (random_.below(4)) {
      case 0:
        return ag::cumsum(x, axis);
      case 1:
        return x.shape(axis) > 1 ? ag::diff(x, 1, axis) : x;
      case 2:
        return ag::softmax(x, axis);
      default: {
        const Index n = x.shape(axis);
        return ag::take(x, xt::xarray<Index>{n - 1, 0, -1, random_.below(n)}, axis);
      }
    }
  }

  V change() {
    const V x = with_rank(1);
    const auto shown = slices(x);
    const V part = ag::view(x, std::span<const ag::Slice>(shown));
    const V value = random_.below(2) == 1 ? ag::cos(part) : ag::mean(part);
    return random_.below(2) == 1 ? ag::set(x, std::span<const ag::Slice>(shown), value)
                                 : ag::add_at(x, std::span<const ag::Slice>(shown), value);
  }

  /// Masks that do not depend on the values, so that differences see no jumps.
  V choose() {
    const V x = any();
    xt::xarray<T> mask = xt::ones<T>(std::vector<std::size_t>(x.shape().begin(), x.shape().end()));
    for (T& each : mask) each = T(random_.below(2));
    return random_.below(2) == 1 ? ag::where(mask, x * x, ag::sin(x)) : ag::where(mask, x, 0.5);
  }

  V spread() {
    const V x = any();
    switch (random_.below(3)) {
      case 0:
        return x.dimension() < 3 ? ag::broadcast_to(x, spread_shape(x)) : x;
      case 1:
        return x.dimension() > 0 ? ag::pad(x, {{1, 1}}) : x;
      default:
        return x.dimension() > 0 ? ag::pad(x, {{1, 0}}, ag::Pad::edge) : x;
    }
  }
  ag::Extents spread_shape(const V& x) {
    ag::Dims shape(x.shape());
    shape.insert(0, 1 + random_.below(3));
    return shape;
  }

  Random random_;
  std::vector<V> pool_;
  std::string* story_;
};

}  // namespace

std::vector<xt::xarray<double>> arguments(std::uint64_t seed) {
  Random random(seed + 1000003);
  std::vector<xt::xarray<double>> result;
  const Index count = 1 + random.below(2);
  for (Index i = 0; i < count; ++i) {
    std::vector<std::size_t> shape;
    for (Index rank = random.below(4); rank > 0; --rank) {
      shape.push_back(static_cast<std::size_t>(1 + random.below(4)));
    }
    xt::xarray<double> x = xt::zeros<double>(shape);
    for (double& each : x) each = float(random.between(-2, 2));
    result.push_back(x);
  }
  return result;
}

template <class T>
ag::Var<T> evaluate(std::uint64_t seed, std::span<const ag::Var<T>> x, std::string* story) {
  return Builder<T>(seed, x, story).run();
}

template ag::Var<float> evaluate(std::uint64_t, std::span<const ag::Var<float>>, std::string*);
template ag::Var<double> evaluate(std::uint64_t, std::span<const ag::Var<double>>, std::string*);

}  // namespace random_graph
