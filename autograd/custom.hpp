/// Operations that users define.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "autograd/detail/api.hpp"
#include "autograd/ops.hpp"

namespace AUTOGRAD_API autograd {

/// In the place of a gradient that the vjp of a custom operation returns: there is no rule for that
/// input. Differentiating by it throws std::logic_error.
struct NotDifferentiable {};
inline constexpr NotDifferentiable not_differentiable;

namespace detail {

/// The vjp of a custom operation: from the cotangent, the output and the inputs to a contribution
/// for each input, nothing where there is no rule. `records` says whether the contributions will be
/// differentiated again.
template <class T>
using Contributions = std::vector<std::optional<Var<T>>>;
template <class T>
struct CustomRule {
  std::string name;
  std::function<Contributions<T>(const Var<T>& g, const Var<T>& y, std::span<const Var<T>> x,
                                 bool records)>
      vjp;
  bool on_vars;  ///< whether the vjp is code on Vars, and so can be differentiated again
};

template <class T>
Var<T> record_custom(std::shared_ptr<const CustomRule<T>> rule, std::span<const Var<T>> inputs,
                     const xt::xarray<T>& y);

template <class T, class G>
std::optional<Var<T>> contribution(const G& g) {
  if constexpr (std::is_same_v<G, NotDifferentiable>) {
    return {};
  } else {
    return Var<T>(g);
  }
}
template <class T, class G>
Contributions<T> as_list(const G& single) {
  return {contribution<T>(single)};
}
template <class T, class... G>
Contributions<T> as_list(const std::tuple<G...>& several) {
  return std::apply([](const auto&... each) { return Contributions<T>{contribution<T>(each)...}; },
                    several);
}

template <class T, std::size_t>
using Repeat = T;
template <class T, class>
using Instead = T;

}  // namespace detail

/// An operation that a user has defined, callable with as many Vars as its forward takes; see
/// `custom`.
template <class T, class Forward, class Vjp>
class Custom {
 public:
  Custom(std::string name, Forward forward, Vjp vjp)
      : name_(std::move(name)), forward_(std::move(forward)), vjp_(std::move(vjp)) {}

  template <class... X>
  requires std::is_invocable_v<const Forward&, detail::Instead<xt::xarray<T>, X>...> Var<T>
  operator()(const X&... x) const { return call(std::index_sequence_for<X...>{}, {x...}); }

 private:
  template <std::size_t... i>
  Var<T> call(std::index_sequence<i...>, const std::array<Var<T>, sizeof...(i)>& x) const {
    constexpr bool on_vars = std::is_invocable_v<Vjp, Var<T>, Var<T>, detail::Repeat<Var<T>, i>...>;
    auto rule = std::make_shared<detail::CustomRule<T>>();
    rule->name = name_;
    rule->on_vars = on_vars;
    rule->vjp = [vjp = vjp_](const Var<T>& g, const Var<T>& y, std::span<const Var<T>> in, bool) {
      if constexpr (on_vars) {
        return detail::as_list<T>(vjp(g, y, in[i]...));
      } else {
        return detail::as_list<T>(vjp(xt::xarray<T>(g.value()), xt::xarray<T>(y.value()),
                                      xt::xarray<T>(in[i].value())...));
      }
    };
    return detail::record_custom<T>(std::move(rule), x, forward_(xt::xarray<T>(x[i].value())...));
  }

  std::string name_;
  Forward forward_;
  Vjp vjp_;
};

/// custom<double>("name", forward, vjp): an operation that the library does not have.
/// `forward(x...)` computes the value from arrays (xt::xarray<T>). `vjp(g, y, x...)` returns the
/// gradient of sum(g * y) for each input (one, or a std::tuple), each in the shape of its input: as
/// code on Vars it serves every order; as code on arrays only the first, and asking for the second
/// throws std::logic_error. It must be linear in g, and as code on Vars depend on g itself and not
/// on g.value(): `jvp` and higher orders differentiate by g, unnoticed where that gives 0. In the
/// place of a gradient it may return `not_differentiable`. A contribution of a wrong shape throws
/// std::invalid_argument.
template <class T, class Forward, class Vjp>
auto custom(std::string name, Forward forward, Vjp vjp) {
  return Custom<T, Forward, Vjp>(std::move(name), std::move(forward), std::move(vjp));
}

}  // namespace autograd
