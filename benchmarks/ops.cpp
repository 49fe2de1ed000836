/// Every row of the table of operations (tests/ops/op_cases.hpp) at a larger size, in float and
/// double: the value, and the value with the gradient of sum(w * f(x)). A part of the rows:
///     ops --benchmark_filter='^matmul'
#include <benchmark/benchmark.h>

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "tests/ops/op_runs.hpp"

namespace {

using namespace op_cases;

constexpr Index most_inputs = 1 << 16, most_outputs = 1 << 18;

template <class T>
struct Work {
  ArraysOf<T> x;
  ArrayOf<T> weights;
};

Index size(const std::vector<Array>& arrays) {
  Index total = 0;
  for (const Array& each : arrays) total += Index(each.size());
  return total;
}

Array value_at(const Row& row, const std::vector<Array>& x) {
  const ag::Trace trace;
  const std::vector<ag::Var<double>> arguments(x.begin(), x.end());
  return row.in_double(arguments).value();
}

/// The largest power of two by which the extents can grow.
Index largest_scale(const Row& row) {
  Index scale = 1;
  if (row.fixed) return scale;
  for (Index next = 2; next <= most_inputs; next *= 2) {
    const std::vector<Array> x = arguments(row, next);
    const bool grows = size(x) > size(arguments(row, scale));
    if (!grows || size(x) > most_inputs || Index(value_at(row, x).size()) > most_outputs) break;
    scale = next;
  }
  return scale;
}

/// What a row works on. Only one is kept: a benchmark is called several times in a row.
template <class T>
const Work<T>& work_of(const Row& row) {
  static const Row* last = nullptr;
  static Work<T> work;
  if (last == &row) return work;
  last = &row;
  work = {};
  const std::vector<Array> x = arguments(row, largest_scale(row));
  for (const Array& each : x) work.x.push_back(xt::cast<T>(each));
  work.weights = weights_for(ArrayOf<T>(xt::cast<T>(value_at(row, x))));
  return work;
}

template <class T>
std::string shapes(const Work<T>& work) {
  std::string result;
  for (const auto& x : work.x) {
    if (!result.empty()) result += ' ';
    result += text(Shape(x.shape().begin(), x.shape().end()));
  }
  return result;
}

template <class T>
void report(benchmark::State& state, const Work<T>& work) {
  Index elements = 0;
  for (const auto& x : work.x) elements += Index(x.size());
  state.SetItemsProcessed(state.iterations() * elements);
  state.SetLabel(shapes(work));
}

template <class T>
void forward(benchmark::State& state, const Row& row) {
  const Work<T>& work = work_of<T>(row);
  const ag::Trace trace;
  std::vector<ag::Var<T>> x;
  for (const auto& each : work.x) x.push_back(ag::borrow(each));
  for (auto _ : state) {
    const ag::Trace inner;
    benchmark::DoNotOptimize(row.function<T>()(x));
  }
  report(state, work);
}

/// One call of value_and_grad by all arguments.
template <class T, class Loss>
void differentiate(const Loss& loss, const ArraysOf<T>& x, ArrayOf<T>& gradient) {
  switch (x.size()) {
    case 1:
      benchmark::DoNotOptimize(loss.into(gradient, x[0]));
      break;
    case 2:
      benchmark::DoNotOptimize(loss(x[0], x[1]));
      break;
    default:
      benchmark::DoNotOptimize(loss(x[0], x[1], x[2]));
      break;
  }
}

template <class T>
void forward_and_backward(benchmark::State& state, const Row& row) {
  const Work<T>& work = work_of<T>(row);
  const auto loss = ag::value_and_grad([&](const auto&... x) {
    const std::array<ag::Var<T>, sizeof...(x)> list{x...};
    return weighted_sum<T>(row.function<T>()(list), work.weights);
  });
  ArrayOf<T> gradient;
  for (auto _ : state) differentiate(loss, work.x, gradient);
  report(state, work);
}

template <class T>
void add(const Row& row, const char* type) {
  std::string name = row.name();
  name.append("/").append(type);
  benchmark::RegisterBenchmark((name + "/value").c_str(), forward<T>, std::cref(row));
  benchmark::RegisterBenchmark((name + "/gradient").c_str(), forward_and_backward<T>,
                               std::cref(row));
}

}  // namespace

int main(int argc, char** argv) {
  for (const Row& row : rows()) {
    add<float>(row, "float");
    add<double>(row, "double");
  }
  // There are thousands: 20 ms each, unless the command line says otherwise.
  std::string time = "--benchmark_min_time=0.02";
  std::vector<char*> arguments(argv, argv + argc);
  arguments.insert(arguments.begin() + 1, time.data());
  argc = static_cast<int>(arguments.size());
  benchmark::Initialize(&argc, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(argc, arguments.data())) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
