/// Messages of the form "op: what is wrong: a has shape (3, 4); hint". The only user of fmt in the
/// engine; not for users' code.
#pragma once

#include <fmt/core.h>

#include <new>
#include <stdexcept>
#include <string>

namespace autograd {
namespace detail {

std::string formatted(fmt::string_view text, fmt::format_args arguments);

/// Returns the text of a format string. fmt 9 can only convert it, which fmt 12 calls deprecated.
constexpr fmt::string_view text_of(const auto& format) {
  if constexpr (requires { format.get(); }) {
    return format.get();
  } else {
    return format;
  }
}

}  // namespace detail

/// Puts the arguments into the text.
template <class... A>
std::string format(fmt::format_string<A...> text, const A&... args) {
  return detail::formatted(detail::text_of(text), fmt::make_format_args(args...));
}

/// A std::bad_alloc with a message.
class OutOfMemory : public std::bad_alloc {
 public:
  explicit OutOfMemory(const std::string& text) : text_(text) {}
  const char* what() const noexcept override { return text_.what(); }

 private:
  std::runtime_error text_;  ///< a string that can be copied without an exception
};

/// Throws E with the message "op: text".
template <class E = std::invalid_argument, class... A>
[[noreturn]] void fail(const char* op, fmt::format_string<A...> text, const A&... args) {
  throw E(op + (": " + detail::formatted(detail::text_of(text), fmt::make_format_args(args...))));
}

}  // namespace autograd
