#include "examples/support/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace examples {
namespace {

constexpr std::size_t bar_columns = 20;

std::size_t terminal_columns() {
  winsize size{};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

/// 3:07, or 1:02:03 from one hour on.
std::string clock_time(double seconds) {
  const auto whole = static_cast<long long>(std::clamp(seconds, 0.0, 1e9));
  const long long hours = whole / 3600, minutes = whole / 60 % 60;
  if (hours == 0) return fmt::format("{}:{:02}", minutes, whole % 60);
  return fmt::format("{}:{:02}:{:02}", hours, minutes, whole % 60);
}

}  // namespace

std::string progress_line(std::string_view label, std::size_t done, std::size_t total,
                          std::string_view text, double seconds, std::size_t columns) {
  const double part = done >= total ? 1.0 : static_cast<double>(done) / static_cast<double>(total);
  const auto filled = static_cast<std::size_t>(part * bar_columns);
  std::string line =
      fmt::format("{} {:3.0f}% [{:<{}}]", label, 100 * part, std::string(filled, '#'), bar_columns);
  if (!text.empty()) line += fmt::format("  {}", text);
  if (done > 0) line += fmt::format("  {} left", clock_time(seconds / part * (1 - part) + 0.5));
  return line.substr(0, columns);
}

Progress::Progress(std::string label, std::size_t total)
    : label_(std::move(label)), total_(total), visible_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (visible_) std::fputs("\r\033[K", stderr);
}

bool Progress::due() const { return visible_ && Clock::now() >= next_; }

void Progress::update(std::size_t done, std::string_view text) {
  if (!due()) return;
  const Clock::time_point now = Clock::now();
  next_ = now + std::chrono::milliseconds(100);
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const std::string line =
      progress_line(label_, done, total_, text, seconds, terminal_columns() - 1);
  std::fputs(("\r" + line + "\033[K").c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace examples
