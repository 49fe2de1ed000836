#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace examples {

/// A line that tells how far a long computation has come:
///
///     restoring  62% [############        ]  objective 812.4  0:03 left
///
/// It is drawn on the standard error stream, only when that is a terminal, ten times a second at
/// most, and wiped away at the end; elsewhere calls cost next to nothing.
class Progress {
 public:
  Progress(std::string label, std::size_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// True when `update` would draw: skip preparing a costly text otherwise.
  bool due() const;

  /// `done` of `total` steps are behind us; `text` is shown behind the bar.
  void update(std::size_t done, std::string_view text = {});

 private:
  using Clock = std::chrono::steady_clock;

  std::string label_;
  std::size_t total_;
  bool visible_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point next_ = start_;
};

/// The line itself, cut to `columns`.
std::string progress_line(std::string_view label, std::size_t done, std::size_t total,
                          std::string_view text, double seconds, std::size_t columns);

}  // namespace examples
