/// What the peers in C++ share: the data of benchmarks/programs, and how time is measured.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <vector>

namespace peers {

/// The same as numbers<T>(shape, low, high, seed) of programs/workload.hpp, in one dimension.
template <class T>
std::vector<T> numbers(std::size_t count, double low = -1, double high = 1,
                       std::uint64_t seed = 1) {
  std::vector<T> x(count);
  std::uint64_t state = seed * 0x9E3779B97F4A7C15u + 1;
  for (T& value : x) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    value = static_cast<T>(low + (high - low) * static_cast<double>(state >> 11) * 0x1p-53);
  }
  return x;
}

template <class F>
double seconds_of(F& work, int times) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < times; ++i) work();
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
  return spent.count() / times;
}

/// Of 15 repetitions, each of which fills 0.03 s.
template <class F>
double median_seconds(F& work) {
  work();
  const int times = std::max(1, static_cast<int>(0.03 / seconds_of(work, 2)));
  std::vector<double> figures;
  for (int i = 0; i < 15; ++i) figures.push_back(seconds_of(work, times));
  std::nth_element(figures.begin(), figures.begin() + 7, figures.end());
  return figures[7];
}

/// Prints a line of JSON. `work` computes value and gradient, and returns the value.
template <class F>
void measure(const char* name, double tolerance, F work) {
  const double seconds = median_seconds(work);
  std::printf("{\"name\": \"%s\", \"seconds\": %.9g, \"value\": %.17g, \"tolerance\": %g}\n", name,
              seconds, static_cast<double>(work()), tolerance);
  std::fflush(stdout);
}

}  // namespace peers
