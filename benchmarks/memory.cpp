/// Ten gradients, and what memory the process had for them: build/bench/benchmarks/memory WORKLOAD
/// Prints a row of the table of memory.sh.
#include <fmt/core.h>
#include <malloc.h>

#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <optim/optim.hpp>
#include <ostream>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

#include "benchmarks/programs/workload.hpp"
#include "examples/inpaint/objective.hpp"

namespace {

using namespace benchmarks;
using V = ag::Var<float>;
using Array = xt::xarray<float>;
using Work = std::function<double()>;  ///< computes a gradient and returns the value

/// A line of /proc/self/status, in megabytes.
double megabytes(const std::string& line) {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word && word != line + ":") continue;
  double kibibytes = 0;
  status >> kibibytes;
  return kibibytes * 1024 / 1e6;
}

/// From here on VmHWM is the largest since now.
void forget_peak() {
  malloc_trim(0);
  std::ofstream refs("/proc/self/clear_refs");
  if (!(refs << 5 << std::flush)) throw std::runtime_error("the peak cannot be forgotten");
}

template <std::size_t N, class F>
Work gradient(Arrays<float, N> x, F f) {
  return [x = std::move(x), gradients = Arrays<float, N>{}, of = ag::value_and_grad(f)]() mutable {
    const auto to = std::apply([](auto&... g) { return std::tie(g...); }, gradients);
    return std::apply([&](const auto&... each) { return double{of.into(to, each...)}; }, x);
  };
}

Work restoration(std::size_t width, std::size_t height) {
  return gradient<1>({numbers<float>({height, width}, 0, 1)}, examples::err_func_whole<float>);
}

Array one_hot(std::size_t size) {
  Array labels = xt::zeros<float>({size, std::size_t{10}});
  for (std::size_t i = 0; i < size; ++i) labels(i, (7 * i + i / 3) % 10) = 1;
  return labels;
}

/// The formula and the numbers of programs/perceptron.cpp.
Work perceptron(std::size_t size) {
  const auto images = std::make_shared<Array>(numbers<float>({size, 784}, 0, 1, 5));
  const auto labels = std::make_shared<Array>(one_hot(size));
  const auto loss = [=](const V& W1, const V& b1, const V& W2, const V& b2) {
    const V hidden = ag::tanh(ag::matmul(ag::borrow(*images), W1) + b1);
    return optim::cross_entropy(ag::borrow(*labels), ag::matmul(hidden, W2) + b2);
  };
  return gradient<4>(
      {numbers<float>({784, 128}, -0.05, 0.05, 6), numbers<float>({128}, -0.1, 0.1, 7),
       numbers<float>({128, 10}, -0.1, 0.1, 8), numbers<float>({10}, -0.1, 0.1, 9)},
      loss);
}

/// A workload, and a small one that does the same: what is loaded late is loaded then.
struct Pair {
  std::function<Work()> whole, small;
};

const std::map<std::string, Pair> pairs{
    {"restoration", {[] { return restoration(1024, 768); }, [] { return restoration(16, 16); }}},
    {"perceptron", {[] { return perceptron(512); }, [] { return perceptron(4); }}}};

}  // namespace

int main(int argc, char** argv) {
  const auto found = pairs.find(argc > 1 ? argv[1] : "");
  if (found == pairs.end()) return fmt::print(stderr, "memory restoration|perceptron\n"), 2;
  const double loaded = megabytes("VmRSS");
  found->second.small()();
  Work work = found->second.whole();
  forget_peak();
  const double before = megabytes("VmHWM");
  double value = 0;
  for (int i = 0; i < 10; ++i) value = work();
  const double peak = megabytes("VmHWM");
  fmt::print("| {} | autograd (C++) | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {:.6g} |\n", found->first,
             loaded, before, peak - before, peak, value);
}
