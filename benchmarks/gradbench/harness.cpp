#include "benchmarks/gradbench/harness.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <vector>

namespace gradbench {
namespace {

void append(const json& list, std::vector<double>& numbers) {
  if (list.is_number()) return numbers.push_back(list.get<double>());
  for (const json& each : list) append(each, numbers);
}

json part(const Array& x, std::size_t axis, const double*& next) {
  if (axis == x.dimension()) return *next++;
  json list = json::array();
  for (std::size_t i = 0; i < x.shape(axis); ++i) list.push_back(part(x, axis + 1, next));
  return list;
}

/// Runs at least `min_runs` times, and until they have taken `min_seconds`.
void measure(const json& input, const Function& f) {
  const int least = input.value("min_runs", 1);
  const double seconds = input.value("min_seconds", 0.0);
  std::vector<std::chrono::nanoseconds> times;
  std::chrono::duration<double> total(0);
  while (static_cast<int>(times.size()) < least || total.count() < seconds) {
    const auto start = std::chrono::steady_clock::now();
    f.compute();
    times.push_back(std::chrono::steady_clock::now() - start);
    total += times.back();
  }
  std::cout << f.result() << '\n';
  for (const auto& time : times) {
    std::cout << json{{"name", "evaluate"}, {"nanoseconds", time.count()}} << '\n';
  }
}

}  // namespace

Array array(const json& lists) {
  std::vector<std::size_t> shape;
  for (const json* list = &lists; list->is_array(); list = &list->front()) {
    shape.push_back(list->size());
    if (list->empty()) break;
  }
  std::vector<double> numbers;
  append(lists, numbers);
  Array result = Array::from_shape(shape);
  if (result.size() != numbers.size()) throw std::invalid_argument("lists of different lengths");
  std::copy(numbers.begin(), numbers.end(), result.begin());
  return result;
}

xt::xarray<ag::Index> integers(const json& list) { return xt::cast<ag::Index>(array(list)); }

json lists(const Array& x) {
  const double* next = x.data();
  return part(x, 0, next);
}

int run(int argc, char** argv, const std::map<std::string, Reader>& functions) {
  try {
    if (argc != 3 || !functions.contains(argv[2])) {
      std::cerr << "usage: " << argv[0] << " FILE FUNCTION, of";
      for (const auto& [name, reader] : functions) std::cerr << ' ' << name;
      std::cerr << '\n';
      return 2;
    }
    std::ifstream file(argv[1]);
    const json input = json::parse(file);
    const Function f = functions.at(argv[2])(input);
    measure(input, f);
    const bool failed = argv[2] == std::string("check") && !(f.result().get<double>() < 1e-6);
    return failed ? 1 : 0;
  } catch (const std::exception& error) {
    std::cerr << argv[1] << ": " << error.what() << '\n';
    return 1;
  }
}

double relative_error(double actual, double expected) {
  return std::abs(actual - expected) / std::max({std::abs(actual), std::abs(expected), 1e-300});
}

double relative_error(const Array& actual, const Array& expected) {
  if (actual.shape() != expected.shape()) throw std::logic_error("a result of the wrong shape");
  double difference = 0, largest = 1e-300;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    difference = std::max(difference, std::abs(actual.data()[i] - expected.data()[i]));
    largest = std::max({largest, std::abs(actual.data()[i]), std::abs(expected.data()[i])});
  }
  return difference / largest;
}

double gradient_error(const std::function<double(const std::vector<Array>&)>& by_hand,
                      const std::vector<Array>& x, const std::vector<Array>& gradients) {
  double product = 0, size = 0;
  std::vector<Array> direction = x;
  for (std::size_t a = 0; a < x.size(); ++a) {
    for (std::size_t i = 0; i < x[a].size(); ++i) {
      const double step = std::sin(static_cast<double>(1 + i + 7 * a));  // between -1 and 1
      direction[a].data()[i] = step;
      product += step * gradients[a].data()[i];
      size += std::abs(step * gradients[a].data()[i]);
    }
  }
  const double h = 1e-3;
  const auto at = [&](double t) {
    std::vector<Array> moved = x;
    for (std::size_t a = 0; a < x.size(); ++a) moved[a] += t * direction[a];
    return by_hand(moved);
  };
  const double quotient = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
  return std::abs(quotient - product) / std::max(size, 1e-300);
}

}  // namespace gradbench
