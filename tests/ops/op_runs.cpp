#include "tests/ops/op_runs.hpp"

#include <array>
#include <cmath>
#include <exception>
#include <limits>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

namespace op_cases {
namespace {

/// run(x...) for up to three arguments.
template <class T, class Run>
auto spread(const std::vector<T>& x, const Run& run) {
  switch (x.size()) {
    case 1:
      return run(x[0]);
    case 2:
      return run(x[0], x[1]);
    case 3:
      return run(x[0], x[1], x[2]);
    default:
      throw std::logic_error("rows have one to three arguments");
  }
}

template <class T>
auto function_of(const Problem<T>& p) {
  return [&p](const auto&... x) {
    const std::array<ag::Var<T>, sizeof...(x)> list{x...};
    return p.f(list);
  };
}

template <class T>
auto weighted(const Problem<T>& p) {
  const auto weights = std::make_shared<ArrayOf<T>>(weights_for(value(p)));
  return [f = function_of(p), weights](const auto&... x) {
    return weighted_sum<T>(f(x...), *weights);
  };
}

template <class A>
std::vector<A> as_list(A only) {
  return {only};
}
template <class... A>
auto as_list(const std::tuple<A...>& several) {
  return std::apply([](const auto&... each) { return std::vector{each...}; }, several);
}

}  // namespace

template <class T>
Problem<T> problem_of(const Row& row) {
  Problem<T> p;
  std::vector<std::optional<ArrayOf<T>>> constants;
  for (const Array& each : arguments(row)) {
    const bool bound = row.inputs[constants.size()].constant;
    const ArrayOf<T> x = xt::cast<T>(each);
    constants.push_back(bound ? std::optional(x) : std::nullopt);
    if (!bound) p.x.push_back(x);
  }
  p.f = [f = row.function<T>(), constants](std::span<const ag::Var<T>> x) {
    std::array<ag::Var<T>, 3> all;
    auto next = x.begin();
    for (std::size_t i = 0; i < constants.size(); ++i) {
      all[i] = constants[i] ? ag::Var<T>(*constants[i]) : *next++;
    }
    return f(std::span(all).first(constants.size()));
  };
  return p;
}

template <class T>
ArrayOf<T> value(const Problem<T>& p) {
  return spread(p.x,
                [&](const auto&... x) -> ArrayOf<T> { return ag::evaluate(function_of(p))(x...); });
}

template <class T>
ag::Var<T> weighted_sum(const ag::Var<T>& y, const ArrayOf<T>& weights) {
  return ag::sum(y * ag::borrow(weights));
}

template <class T>
ArrayOf<T> weights_for(const ArrayOf<T>& y) {
  ArrayOf<T> weights = xt::zeros_like(y);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    weights.data()[i] = T(0.5 + double(i * 37 % 101) / 101) * (i % 3 == 1 ? -1 : 1);
  }
  return weights;
}

template <class T>
ArraysOf<T> gradients(const Problem<T>& p) {
  return spread(p.x, [&](const auto&... x) { return as_list(ag::grad(weighted(p))(x...)); });
}

template <class T>
ArraysOf<T> recorded_gradients(const Problem<T>& p) {
  const auto f = weighted(p);  // lives longer than the trace, which borrows its weights
  const ag::Trace trace;
  const std::vector<ag::Var<T>> arguments(p.x.begin(), p.x.end());
  const auto results =
      spread(arguments, [&](const auto&... x) { return as_list(ag::grad(f)(x...)); });
  ArraysOf<T> arrays;
  for (const ag::Var<T>& each : results) arrays.push_back(each.value());
  return arrays;
}

std::string element_text(const Shape& shape, std::size_t element, bool is_float, double got,
                         double expected) {
  Place place(shape.size());
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    const auto extent = static_cast<std::size_t>(shape[axis]);
    place[axis] = static_cast<Index>(element % extent);
    element /= extent;
  }
  std::ostringstream out;
  out.precision(is_float ? 9 : 17);
  out << " (element " << text(place) << " of shape " << text(shape) << " in "
      << (is_float ? "float" : "double") << " is " << got << " instead of " << expected << ")";
  return out.str();
}

namespace {

/// The gradients of the weighted sum by differences, element by element.
template <class T>
ArraysOf<T> differences(Problem<T> p) {
  const auto sum = [&, weights = weights_for(value(p))] {
    return xt::sum(xt::cast<double>(weights * value(p)))();
  };
  ArraysOf<T> result;
  for (ArrayOf<T>& x : p.x) {
    ArrayOf<T>& slopes = result.emplace_back(xt::zeros_like(x));
    const double step = std::cbrt(std::numeric_limits<T>::epsilon());
    for (std::size_t i = 0; i < x.size(); ++i) {
      const T before = x.data()[i];
      x.data()[i] = T(before + step);
      const double above = sum();
      x.data()[i] = T(before - step);
      slopes.data()[i] = T((above - sum()) / (2 * step));
      x.data()[i] = before;
    }
  }
  return result;
}

}  // namespace

template <class T>
void check(const Problem<T>& p, ag::CheckOptions options) {
  try {
    ag::check_gradients(function_of(p), p.x, options);
  } catch (const std::exception& error) {
    std::ostringstream text;
    text << error.what()
         << "; largest difference of first derivatives: " << distance(gradients(p), differences(p));
    throw std::runtime_error(text.str());
  }
}

#define INSTANTIATE(T)                                                       \
  template Problem<T> problem_of<T>(const Row&);                             \
  template ArrayOf<T> value<T>(const Problem<T>&);                           \
  template ag::Var<T> weighted_sum<T>(const ag::Var<T>&, const ArrayOf<T>&); \
  template ArrayOf<T> weights_for<T>(const ArrayOf<T>&);                     \
  template ArraysOf<T> gradients<T>(const Problem<T>&);                      \
  template ArraysOf<T> recorded_gradients<T>(const Problem<T>&);             \
  template void check<T>(const Problem<T>&, ag::CheckOptions)
INSTANTIATE(float);
INSTANTIATE(double);

}  // namespace op_cases
