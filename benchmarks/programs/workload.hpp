/// What is measured: an objective and its gradient, with the library and written by hand.
#pragma once

#include <algorithm>
#include <array>
#include <autograd/autograd.hpp>
#include <autograd/tape/tape.hpp>
#include <cmath>
#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace benchmarks {

namespace ag = autograd;

struct Workload {
  std::string name;
  std::size_t units = 1;  ///< operations or samples in one gradient, for a figure per unit
  double tolerance = 0;   ///< of the difference, relative to the largest element

  std::function<void()> objective;     ///< the value alone, with the library
  std::function<void()> gradient;      ///< value and gradient, with the library
  std::function<void()> by_hand;       ///< value and gradient, by hand
  std::function<double()> value;       ///< of the last gradient, or the norm of the first result
  std::function<double()> difference;  ///< between the last results of both, relative
  std::function<std::size_t()> arena;  ///< bytes that the tape holds
};

using Workloads = std::vector<Workload>;

/// The largest difference, relative to the largest element of b.
template <class T>
double relative_difference(const xt::xarray<T>& a, const xt::xarray<T>& b) {
  double largest = 0, worst = 0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(b.data()[i])));
    worst = std::max(worst, std::abs(static_cast<double>(a.data()[i]) - b.data()[i]));
  }
  return largest == 0 ? worst : worst / largest;
}

template <class T>
double norm(const xt::xarray<T>& x) {
  double squares = 0;
  for (const double value : x) squares += value * value;
  return std::sqrt(squares);
}

template <class T>
std::size_t arena_bytes() {
  const auto& tape = ag::Tape<T>::current();
  return tape.arena.capacity() + tape.gradients.capacity();
}

/// Arrays of several arguments, and the memory of each.
template <class T, std::size_t N>
using Arrays = std::array<xt::xarray<T>, N>;
template <class T, std::size_t N>
using Pointers = std::array<T*, N>;

/// f: a function of N Vars (of arrays like those in x). by_hand(x, gradients) writes the gradients
/// to memory, in the order of the arrays, and returns the value.
template <class T, std::size_t N, class F, class Hand>
Workload workload(std::string name, Arrays<T, N> x, F f, Hand by_hand) {
  struct State {
    Arrays<T, N> x, ours, theirs;
    Pointers<const T, N> at;
    Pointers<T, N> gradients;
    T value = 0, value_by_hand = 0;
  };
  auto state = std::make_shared<State>();
  state->x = std::move(x);
  for (std::size_t i = 0; i < N; ++i) {
    state->theirs[i] = xt::zeros_like(state->x[i]);
    state->at[i] = state->x[i].data();
    state->gradients[i] = state->theirs[i].data();
  }
  Workload result;
  result.name = std::move(name);
  result.tolerance = std::is_same_v<T, float> ? 1e-4 : 1e-10;
  result.objective = [state, f] {
    const ag::Scope<T> scope;
    const auto of = [&](const auto&... x) { return ag::Var<T>(f(ag::borrow(x)...)).item(); };
    state->value = std::apply(of, state->x);
  };
  result.gradient = [state, of = ag::value_and_grad(f)] {
    const auto gradients = std::apply([](auto&... g) { return std::tie(g...); }, state->ours);
    state->value = std::apply([&](const auto&... x) { return of.into(gradients, x...); }, state->x);
  };
  result.by_hand = [state, hand = std::make_shared<Hand>(std::move(by_hand))] {
    state->value_by_hand = (*hand)(state->at, state->gradients);
  };
  result.value = [state] { return static_cast<double>(state->value); };
  result.difference = [state] {
    double worst = std::abs(static_cast<double>(state->value) - state->value_by_hand) /
                   std::max(1e-300, std::abs(static_cast<double>(state->value_by_hand)));
    for (std::size_t i = 0; i < N; ++i) {
      worst = std::max(worst, relative_difference(state->ours[i], state->theirs[i]));
    }
    return worst;
  };
  result.arena = arena_bytes<T>;
  return result;
}

/// The same for one argument: by_hand(x, gradient).
template <class T, class F, class Hand>
Workload workload(std::string name, xt::xarray<T> x, F f, Hand by_hand) {
  return workload<T, 1>(std::move(name), Arrays<T, 1>{std::move(x)}, std::move(f),
                        [hand = std::move(by_hand)](const auto& at, const auto& gradients) mutable {
                          return hand(at[0], gradients[0]);
                        });
}

template <class T>
using Results = std::vector<xt::xarray<T>>;

/// Any computation: ours(results) and by_hand(results) write to `count` arrays, which are compared
/// one by one. A number is an array of one element.
template <class T>
Workload comparison(std::string name, std::size_t count, std::function<void()> objective,
                    std::function<void(Results<T>&)> ours,
                    std::function<void(Results<T>&)> by_hand) {
  struct State {
    Results<T> ours, theirs;
  };
  auto state = std::make_shared<State>(State{Results<T>(count), Results<T>(count)});
  Workload result;
  result.name = std::move(name);
  result.tolerance = std::is_same_v<T, float> ? 1e-4 : 1e-10;
  result.objective = std::move(objective);
  result.gradient = [state, ours = std::move(ours)] { ours(state->ours); };
  result.by_hand = [state, by_hand = std::move(by_hand)] { by_hand(state->theirs); };
  result.value = [state] { return norm(state->ours[0]); };
  result.difference = [state] {
    double worst = 0;
    for (std::size_t i = 0; i < state->ours.size(); ++i) {
      worst = std::max(worst, relative_difference(state->ours[i], state->theirs[i]));
    }
    return worst;
  };
  result.arena = arena_bytes<T>;
  return result;
}

/// Numbers from low to high, always the same.
template <class T>
xt::xarray<T> numbers(const std::vector<std::size_t>& shape, double low = -1, double high = 1,
                      std::uint64_t seed = 1) {
  xt::xarray<T> x = xt::xarray<T>::from_shape(shape);
  std::uint64_t state = seed * 0x9E3779B97F4A7C15u + 1;
  for (T& value : x) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    value = static_cast<T>(low + (high - low) * static_cast<double>(state >> 11) * 0x1p-53);
  }
  return x;
}

// ---- the families
Workloads scalar_chains();
Workloads restorations();
Workloads autoencoders();
Workloads quadratic_fits();
Workloads perceptrons();
Workloads image_losses();
Workloads gaussian_mixtures();
Workloads gaussian_processes();
Workloads k_means();
Workloads lstm();
Workloads runge_kutta();
Workloads second_order();

}  // namespace benchmarks
