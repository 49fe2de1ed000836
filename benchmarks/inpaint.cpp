/// The gradient of the restoration objective beside one written by hand, on the same data in the
/// same run: medians of interleaved repetitions, one thread.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

#include "examples/inpaint_objective.hpp"
#include "inpaint_by_hand.hpp"

namespace {

constexpr int repetitions = 15;
constexpr double seconds_per_repetition = 0.03;

template <class F>
double seconds(const F& work, int times) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < times; ++i) work();
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
  return spent.count() / times;
}

template <class F>
int times_that_fill_a_repetition(const F& work) {
  work();
  return std::max(1, static_cast<int>(seconds_per_repetition / seconds(work, 3)));
}

double median(std::vector<double> values) {
  std::ranges::nth_element(values, values.begin() + repetitions / 2);
  return values[repetitions / 2];
}

template <class T>
T largest_difference(const xt::xarray<T>& a, const xt::xarray<T>& b) {
  return xt::amax(xt::abs(a - b))();
}

template <class T, class F>
void compare(const char* form, const char* type, const F& objective, std::size_t height,
             std::size_t width) {
  xt::random::seed(1);
  const xt::xarray<T> x = xt::random::rand<T>({height, width});
  xt::xarray<T> ours = xt::zeros_like(x), theirs = ours;
  const auto value_and_grad = autograd::value_and_grad(objective);
  benchmarks::InpaintByHand<T> by_hand(height, width);
  const auto engine = [&] { value_and_grad.into(ours, x); };
  const auto hand = [&] { by_hand.value_and_gradient(x.data(), theirs.data()); };

  const int engine_times = times_that_fill_a_repetition(engine);
  const int hand_times = times_that_fill_a_repetition(hand);
  std::vector<double> engine_seconds, hand_seconds, ratios;
  for (int i = 0; i < repetitions; ++i) {
    engine_seconds.push_back(seconds(engine, engine_times));
    hand_seconds.push_back(seconds(hand, hand_times));
    ratios.push_back(engine_seconds.back() / hand_seconds.back());
  }
  fmt::print("{:<6} {:<7} {:>4}x{:<4} {:>12.1f} {:>12.1f} {:>7.2f} {:>12.1e}\n", form, type, width,
             height, median(engine_seconds) * 1e6, median(hand_seconds) * 1e6, median(ratios),
             static_cast<double>(largest_difference(ours, theirs)));
}

template <class T>
void compare_all(const char* type) {
  for (const auto& [height, width] : {std::pair(192, 256), std::pair(768, 1024)}) {
    compare<T>("rows", type, examples::err_func_by_rows<T>, height, width);
    compare<T>("whole", type, examples::err_func_whole<T>, height, width);
  }
}

}  // namespace

int main() {
  fmt::print("{:<6} {:<7} {:>9} {:>12} {:>12} {:>7} {:>12}\n", "form", "type", "size", "ours (us)",
             "hand (us)", "ratio", "difference");
  compare_all<float>("float");
  compare_all<double>("double");
}
