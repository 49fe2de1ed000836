#include "optim/optimizers/line_search.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace optim::detail {
namespace {

constexpr double growth = 4;      // of steps while they lead downhill
constexpr double margin = 0.1;    // of the interval, which interpolation keeps from its ends
constexpr double slow = 2.0 / 3;  // an interval that shrinks by less is halved next

struct Point {
  double alpha, value, slope;
};

/// The minimum of the cubic through two points with their slopes; NaN if it has none. Nocedal and
/// Wright, equation 3.59, scaled so that no square overflows.
double cubic_minimum(const Point& a, const Point& b) {
  const double d1 = a.slope + b.slope - 3 * (a.value - b.value) / (a.alpha - b.alpha);
  const double unit = std::max({std::abs(d1), std::abs(a.slope), std::abs(b.slope)});
  const double square = (d1 / unit) * (d1 / unit) - (a.slope / unit) * (b.slope / unit);
  const double d2 = std::copysign(unit * std::sqrt(square), b.alpha - a.alpha);
  return b.alpha - (b.alpha - a.alpha) * (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2);
}

/// Inside of the interval; its middle where there is nothing to interpolate.
double interpolated(const Point& a, const Point& b) {
  const double alpha = cubic_minimum(a, b);
  if (!std::isfinite(alpha)) return (a.alpha + b.alpha) / 2;
  const auto [low, high] = std::minmax(a.alpha, b.alpha);
  const double distance = margin * (high - low);
  return std::clamp(alpha, low + distance, high - distance);
}

class Search {
 public:
  Search(const Phi& phi, const Sample& start, const LineSearch& options)
      : phi_(phi), options_(options), start_{0, start.value, start.slope} {}

  LineSearchResult run() {
    Point previous = start_;
    double alpha = std::min(1.0, options_.longest);
    while (evaluations_left()) {
      const Point point = evaluate(alpha);
      if (too_long(point, previous)) return zoom(previous, point);
      if (flat(point)) return result(point);
      if (point.slope >= 0) return zoom(point, previous);
      previous = point;
      if (alpha == options_.longest) break;
      alpha = std::min(growth * alpha, options_.longest);
    }
    return result(previous);
  }

 private:
  /// `low` is the best point so far with sufficient decrease, and phi falls from it towards `high`.
  LineSearchResult zoom(Point low, Point high) {
    double previous_width = std::numeric_limits<double>::infinity();
    while (evaluations_left()) {
      const double width = std::abs(high.alpha - low.alpha);
      if (-width * start_.slope <= options_.resolution) break;
      const bool halve = width > slow * previous_width;
      const Point point = evaluate(halve ? (low.alpha + high.alpha) / 2 : interpolated(low, high));
      previous_width = width;
      if (too_long(point, low)) {
        high = point;
        continue;
      }
      if (flat(point)) return result(point);
      if (point.slope * (high.alpha - low.alpha) >= 0) high = low;
      low = point;
    }
    return result(low);
  }

  bool evaluations_left() const { return evaluations_ < options_.max_evaluations; }

  Point evaluate(double alpha) {
    ++evaluations_;
    last_ = alpha;
    const Sample sample = phi_(alpha);
    return {alpha, sample.value, sample.slope};
  }

  bool too_long(const Point& point, const Point& best) const {
    if (!std::isfinite(point.value) || !std::isfinite(point.slope)) return true;
    const double enough = start_.value + options_.c1 * point.alpha * start_.slope;
    const bool unchanged = point.value == start_.value;
    return point.value > best.value || (point.value > enough && !unchanged);
  }

  bool flat(const Point& point) const {
    return std::abs(point.slope) <= -options_.c2 * start_.slope;
  }

  LineSearchResult result(const Point& point) const {
    return {point.value < start_.value ? point.alpha : 0, last_};
  }

  const Phi& phi_;
  const LineSearch& options_;
  Point start_;
  double last_ = 0;
  int evaluations_ = 0;
};

}  // namespace

LineSearchResult line_search(const Phi& phi, const Sample& start, const LineSearch& options) {
  return Search(phi, start, options).run();
}

}  // namespace optim::detail
