/// Messages of the form "op: what is wrong: a has shape (3, 4); hint". The only user of fmt in the
/// engine; not for users' code.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

namespace autograd {

/// Throws E with the message "op: text".
template <class E = std::invalid_argument, class... A>
[[noreturn]] void fail(const char* op, fmt::format_string<A...> text, A&&... args) {
  throw E(fmt::format("{}: {}", op, fmt::format(text, std::forward<A>(args)...)));
}

}  // namespace autograd
