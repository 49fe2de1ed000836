// The line search for the strong Wolfe conditions.
#include <cmath>
#include <functional>
#include <limits>
#include <optim/optimizers/line_search.hpp>
#include <vector>

#include "tests/support/catch.hpp"

namespace {

using optim::detail::line_search;
using optim::detail::LineSearch;
using optim::detail::LineSearchResult;
using optim::detail::Sample;

constexpr double infinity = std::numeric_limits<double>::infinity();

/// A function with its derivative.
struct Curve {
  const char* name;
  std::function<double(double)> value, slope;

  Sample at(double alpha) const { return {value(alpha), slope(alpha)}; }
};

/// Some are from Moré and Thuente, Line search algorithms with guaranteed sufficient decrease
/// (1994), section 5.
std::vector<Curve> curves() {
  return {
      {"parabola", [](double a) { return (a - 3) * (a - 3); },
       [](double a) { return 2 * (a - 3); }},
      {"nearly a line", [](double a) { return -a + 1e-6 * a * a; },
       [](double a) { return -1 + 2e-6 * a; }},
      {"rational", [](double a) { return -a / (a * a + 2); },
       [](double a) { return (a * a - 2) / ((a * a + 2) * (a * a + 2)); }},
      {"fifth power", [](double a) { return std::pow(a + 0.1, 5) - 2 * std::pow(a + 0.1, 4); },
       [](double a) { return 5 * std::pow(a + 0.1, 4) - 8 * std::pow(a + 0.1, 3); }},
      {"waves", [](double a) { return 0.05 * a * a - std::sin(3 * a); },
       [](double a) { return 0.1 * a - 3 * std::cos(3 * a); }},
      {"barrier", [](double a) { return -5 * a - std::log(1 - a); },
       [](double a) { return a < 1 ? -5 + 1 / (1 - a) : std::nan(""); }},
      {"valley", [](double a) { return std::log(1 + (a - 2) * (a - 2)); },
       [](double a) { return 2 * (a - 2) / (1 + (a - 2) * (a - 2)); }},
  };
}

/// With alpha in another unit, so that the first step is this long.
Curve in_steps_of(double first, const Curve& curve) {
  return {curve.name, [=](double a) { return curve.value(first * a); },
          [=](double a) { return first * curve.slope(first * a); }};
}

const Curve downhill = {"downhill", [](double a) { return -a; }, [](double) { return -1.0; }};

}  // namespace

TEST_CASE("the line search ends where both Wolfe conditions hold", "[optim][line_search]") {
  for (const Curve& unscaled : curves()) {
    for (const double first : {1e-3, 0.1, 1.0, 10.0, 1e3}) {
      for (const double c2 : {0.9, 0.1}) {
        CAPTURE(unscaled.name, first, c2);
        const Curve curve = in_steps_of(first, unscaled);
        const LineSearch options = {.c1 = 1e-4, .c2 = c2, .max_evaluations = 60};
        const Sample start = curve.at(0);
        const LineSearchResult found =
            line_search([&](double a) { return curve.at(a); }, start, options);
        const Sample end = curve.at(found.alpha);
        CHECK(found.alpha > 0);
        CHECK(end.value <= start.value + options.c1 * found.alpha * start.slope);
        CHECK(std::abs(end.slope) <= c2 * std::abs(start.slope));
      }
    }
  }
}

TEST_CASE("a first step that is good is taken", "[optim][line_search]") {
  const Curve parabola = in_steps_of(2.5, curves()[0]);
  int count = 0;
  const auto found = line_search([&](double a) { return ++count, parabola.at(a); }, parabola.at(0));
  CHECK(found.alpha == 1);
  CHECK(count == 1);
}

TEST_CASE("a cubic is minimised by the first interpolation", "[optim][line_search]") {
  // With b = 1.5 a, b^3 / 3 - b has its minimum at b = 1; the step b = 1.5 fails sufficient
  // decrease of c1 = 0.4.
  std::vector<double> tried;
  const auto phi = [&](double a) -> Sample {
    tried.push_back(a);
    const double b = 1.5 * a;
    return {b * b * b / 3 - b, 1.5 * (b * b - 1)};
  };
  const auto found = line_search(phi, {0, -1.5}, {.c1 = 0.4, .c2 = 0.5, .max_evaluations = 10});
  REQUIRE(tried.size() == 2);
  CHECK(std::abs(1.5 * tried[1] - 1) < 1e-12);
  CHECK(found.alpha == tried[1]);
}

TEST_CASE("evaluations are limited, and the last is known", "[optim][line_search]") {
  for (const Curve& unscaled : curves()) {
    for (const int limit : {1, 2, 3, 25}) {
      CAPTURE(unscaled.name, limit);
      const Curve curve = in_steps_of(20, unscaled);
      int count = 0;
      double last = 0;
      const auto phi = [&](double a) {
        ++count;
        last = a;
        return curve.at(a);
      };
      const auto found = line_search(phi, curve.at(0), {.c2 = 0.01, .max_evaluations = limit});
      CHECK(count <= limit);
      CHECK(last == found.last);
    }
  }
}

TEST_CASE("without evaluations left the lowest step with sufficient decrease is the result",
          "[optim][line_search]") {
  int count = 0;
  const auto phi = [&](double a) -> Sample {
    ++count;
    return {std::abs(3 * a - 1), a < 1.0 / 3 ? -3.0 : 3.0};  // no step is flat enough
  };
  const auto found = line_search(phi, {1, -3}, {.c1 = 1e-4, .max_evaluations = 10});
  CHECK(count == 10);
  CHECK(found.alpha > 0);
  CHECK(std::abs(3 * found.alpha - 1) <= 1 - 3e-4 * found.alpha);
}

TEST_CASE("steps without a finite value or slope are too long", "[optim][line_search]") {
  for (const double bad : {infinity, -infinity, std::nan("")}) {
    for (const bool in_slope : {false, true}) {
      CAPTURE(bad, in_slope);
      const auto phi = [&](double a) -> Sample {
        if (a < 0.25) return {-a, -1.0};
        return in_slope ? Sample{-a, bad} : Sample{bad, -1.0};
      };
      const auto found = line_search(phi, {0, -1}, {});
      CHECK(found.alpha > 0.125);
      CHECK(found.alpha < 0.25);
    }
  }
}

TEST_CASE("no step is longer than the longest", "[optim][line_search]") {
  const auto phi = [&](double a) { return downhill.at(a); };
  for (const double longest : {0.5, 1.0, 7.0}) {
    const auto found = line_search(phi, {0, -1}, {.longest = longest});
    CHECK(found.alpha == longest);
  }
}

TEST_CASE("a line search down an endless slope ends", "[optim][line_search]") {
  int count = 0;
  const auto phi = [&](double a) { return ++count, downhill.at(a); };
  const auto found = line_search(phi, {0, -1}, {.max_evaluations = 5});
  CHECK(count == 5);
  CHECK(found.alpha == found.last);
  CHECK(found.alpha > 16);
}

TEST_CASE("a slope that is not that of the function gives no step", "[optim][line_search]") {
  int count = 0;
  const auto phi = [&](double a) -> Sample { return ++count, Sample{a, 1}; };
  const auto found = line_search(phi, {0, -1}, {});
  CHECK(found.alpha == 0);
  CHECK(count == 25);
}
