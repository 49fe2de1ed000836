/// The form of a program of the suite: PROGRAM FILE FUNCTION reads the input from a JSON file, runs
/// the function as often as the file asks for, and prints the result and a line for each time.
#pragma once

#include <autograd/autograd.hpp>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace gradbench {

namespace ag = autograd;
using json = nlohmann::json;
using Array = xt::xarray<double>;
using V = ag::Var<double>;

/// Nested lists of numbers, all of one length at each depth.
Array array(const json& lists);
xt::xarray<ag::Index> integers(const json& list);
json lists(const Array& array);

/// A function of the suite, its input being read: what is timed, and its result afterwards.
struct Function {
  std::function<void()> compute;
  std::function<json()> result;
};

inline json to_result(double value) { return value; }
inline json to_result(const Array& value) { return lists(value); }

/// A function that computes a number or an array; `show` makes the result of it.
template <class F, class Show>
Function function(F f, Show show) {
  using Y = std::remove_cvref_t<decltype(f())>;
  const auto y = std::make_shared<Y>();
  return {[f = std::move(f), y] { *y = f(); }, [show = std::move(show), y] { return show(*y); }};
}
template <class F>
Function function(F f) {
  return function(std::move(f), [](const auto& y) { return to_result(y); });
}

/// Reads an input and gives the function for it.
using Reader = std::function<Function(const json& input)>;

/// The member function of a problem, which is made of an input.
template <class Problem, class Y, class... Show>
Reader reader(Y (Problem::*f)() const, Show... show) {
  return [=](const json& input) {
    return function([f, p = std::make_shared<const Problem>(input)] { return ((*p).*f)(); },
                    show...);
  };
}

/// The functions by name. One named "check" gives a number, the largest relative error that it
/// found; it passes if that is below 1e-6.
int run(int argc, char** argv, const std::map<std::string, Reader>& functions);

/// The functions of a problem that is one number and its gradient.
template <class Problem>
int run_gradient(int argc, char** argv) {
  return run(argc, argv,
             {{"primal", reader(&Problem::primal)},
              {"gradient", reader(&Problem::gradient)},
              {"check", reader(&Problem::check)}});
}

/// The relative error of a gradient: its product with a direction against a difference quotient of
/// fourth order of the function by hand, whose arguments and direction are arrays.
double gradient_error(const std::function<double(const std::vector<Array>&)>& by_hand,
                      const std::vector<Array>& x, const std::vector<Array>& gradients);

double relative_error(double actual, double expected);
/// The largest of the elements, relative to the largest of both arrays.
double relative_error(const Array& actual, const Array& expected);

}  // namespace gradbench
