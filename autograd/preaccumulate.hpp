/// Steps of numbers, such as those of an integrator, that are recorded as a few nodes with their
/// derivatives instead of as all their operations.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

#include "autograd/detail/api.hpp"
#include "autograd/detail/call.hpp"
#include "autograd/detail/dual.hpp"

namespace AUTOGRAD_API autograd {
namespace detail {

/// Memory of the tape for the results of a step and for a copy of the step. It is null if the step
/// must run on Vars: if an argument is an array, under a FiniteGuard, which checks every value, and
/// if an argument may be a root that is 0.
template <class T>
struct StepMemory {
  T* results;
  void* step;
};
/// Writes the values of x to `values`, and takes memory for so many `numbers` as results and a step
/// of so many `bytes`.
template <class T>
StepMemory<T> begin_step(std::span<const Var<T>> x, T* values, std::size_t numbers,
                         std::size_t bytes);

/// A step that has run: its results, each with its partial derivatives behind it, and the function
/// that runs the step again, on Vars, and returns one result.
template <class T>
struct RecordedStep {
  StepMemory<T> memory;
  std::size_t stride;  ///< the distance from one result to the next
  Var<T> (*replay)(const void* step, std::span<const Var<T>> x, std::size_t result);
};
/// Appends one node for each result of a step, and makes `y` of them.
template <class T>
void record_results(const RecordedStep<T>& step, std::span<const Var<T>> x, std::span<Var<T>> y);

template <class T, class A>
T constant_of(const A& a) {
  if constexpr (is_var<A>) {
    return 0;  // a place without meaning, since a variable is no constant
  } else {
    return static_cast<T>(a);
  }
}

/// A function f together with those of its arguments that are plain numbers. It is called with the
/// others, the variables, as dual numbers or as Vars.
template <class T, std::size_t m, class F, class... X>
struct Step {
  static constexpr std::size_t variables = (std::size_t{is_var<X>} + ... + 0);

  F f;
  std::array<T, sizeof...(X)> constants;

  static std::array<Var<T>, variables> variables_of(const X&... x) {
    std::array<Var<T>, variables> result;
    std::size_t place = 0;
    const auto take = [&](const auto& a) {
      if constexpr (std::is_same_v<decltype(a), const Var<T>&>) result[place++] = a;
    };
    (take(x), ...);
    return result;
  }

  /// Calls f with the variables, of type S, and the constants. Returns m results.
  template <class S>
  std::array<S, m> operator()(const S* x) const {
    return [&]<std::size_t... i>(std::index_sequence<i...>) {
      return results<S>(f(argument<i>(x)...));
    }
    (std::index_sequence_for<X...>{});
  }

 private:
  static constexpr bool kinds[] = {is_var<X>...};

  template <std::size_t i, class S>
  decltype(auto) argument(const S* x) const {
    constexpr auto place = std::count(kinds, kinds + i, true);
    if constexpr (kinds[i]) {
      return (x[place]);
    } else {
      return (constants[i]);
    }
  }
  template <class S, class Y>
  static std::array<S, m> results(const Y& y) {
    constexpr bool is_list = std::is_same_v<Y, std::array<S, m>>;
    static_assert(is_list || (m == 1 && std::is_convertible_v<Y, S>),
                  "autograd: the function given to preaccumulate<m> must return a std::array of m "
                  "numbers of the type of its arguments, or that number where m is 1");
    if constexpr (is_list) {
      return y;
    } else {
      return {S(y)};
    }
  }
};

/// The dual number of variable i of n: its derivative by itself is 1, by the others 0.
template <class T, int n, std::size_t i>
Dual<T, n> variable(T value) {
  return [&]<std::size_t... k>(std::index_sequence<k...>) {
    return Dual<T, n>{value, {T(k == i)...}};
  }
  (std::make_index_sequence<Dual<T, n>::lanes>());
}

template <class T, int n>
bool is_finite(const Dual<T, n>& y) {
  bool finite = true;
  for (T partial : y.by) finite &= partial - partial == T(0);
  return finite;
}

template <class T, class S>
Var<T> replayed(const void* step, std::span<const Var<T>> x, std::size_t result) {
  return (*static_cast<const S*>(step))(x.data())[result];
}

/// Runs a step on dual numbers and records its results. Returns false without recording if that is
/// not possible, or if a partial derivative is not finite: what a cotangent of 0 makes of it
/// depends on the operations inside of the step.
template <class T, std::size_t m, class S, std::size_t... i>
bool record_step(const S& step, const std::array<Var<T>, sizeof...(i)>& x, std::array<Var<T>, m>& y,
                 std::index_sequence<i...>) {
  using D = Dual<T, sizeof...(i)>;
  using Results = std::array<D, m>;
  static_assert(sizeof(Results) == m * sizeof(D) && alignof(S) <= alignof(double));
  T values[sizeof...(i)];
  const StepMemory<T> memory = begin_step<T>(x, values, m * (sizeof(D) / sizeof(T)), sizeof(S));
  if (memory.results == nullptr) return false;
  const D at[] = {variable<T, sizeof...(i), i>(values[i])...};
  const auto& results = *new (memory.results) Results(step(at));
  for (const D& each : results) {
    if (!is_finite(each)) return false;
  }
  new (memory.step) S(step);
  record_results<T>({memory, sizeof(D) / sizeof(T), replayed<T, S>}, x, y);
  return true;
}

}  // namespace detail

/// preaccumulate<m>(f, x...): f(x...), a std::array of m numbers (or one number, where m is 1),
/// recorded as m results with their partial derivatives instead of as the operations that f does.
/// For functions of a few numbers with many operations, such as one step of an integrator: the
/// tape keeps (arguments + 1) numbers for each result, and the sweep back is as short.
///
///     const auto [p, q] = ag::preaccumulate<2>(
///         [](auto p, auto q, double h) { return std::array{p + h * q, q - h * sin(p)}; }, p, q,
///         h);
///
/// Arguments are Vars of rank 0, which are differentiated by, and plain numbers, which are not. f
/// is called with `Dual`s in place of the Vars: it has generic arguments (auto) and uses + - * /,
/// comparisons, `if`, and the elementwise functions of this library. For derivatives of higher
/// order, f is called once more with Vars, when the caller's variables may be gone: so it captures
/// nothing, and takes all that it needs as arguments. (A struct of numbers with a generic
/// operator() serves as well.)
///
/// Results and derivatives are those of f(x...) on Vars, up to rounding. In these cases f does run
/// on Vars, and nothing is gained: for arrays; under a `FiniteGuard`; where a partial derivative is
/// not finite; where abs or hypot is 0; where an argument is 0 and the trace holds such roots (abs,
/// sqrt, hypot, norm, std), of which it may be one.
template <std::size_t m = 1, class F, class... X>
std::array<Var<detail::CallScalarT<X...>>, m> preaccumulate(const F& f, const X&... x) {
  using T = detail::CallScalarT<X...>;
  using Step = detail::Step<T, m, F, X...>;
  static_assert(((detail::is_var<X> || std::is_arithmetic_v<X>)&&...) && Step::variables > 0,
                "autograd: preaccumulate takes Vars and numbers, and at least one Var");
  static_assert(std::is_trivially_copyable_v<F> && std::is_copy_assignable_v<F>,
                "autograd: the function given to preaccumulate must not capture: it is called "
                "again for second derivatives, when what it captured may be gone. Pass what it "
                "needs as arguments");
  const Step step{f, {detail::constant_of<T>(x)...}};
  const std::array<Var<T>, Step::variables> variables = Step::variables_of(x...);
  std::array<Var<T>, m> y;
  const auto places = std::make_index_sequence<Step::variables>();
  if (detail::record_step<T, m>(step, variables, y, places)) return y;
  return step(variables.data());
}

}  // namespace autograd
