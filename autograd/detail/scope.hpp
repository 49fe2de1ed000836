/// Stretches of a tape: what transforms open and close.
#pragma once

#include <cstddef>
#include <cstdint>

#include "autograd/detail/api.hpp"

namespace AUTOGRAD_API autograd {

template <class T>
class Tape;

/// A stretch of the tape. While it lives, nodes are recorded. When it ends, its nodes and their
/// memory are given back, and scopes that began later end with it.
template <class T>
class Scope {
 public:
  /// Begins on the tape of this thread.
  Scope();
  explicit Scope(Tape<T>& tape);
  ~Scope();
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

 private:
  // The state of the tape when the scope began, to which its end returns.
  Tape<T>& tape_;
  std::size_t block_, used_;  ///< the mark of the arena of values
  std::size_t kept_;
  std::size_t computed_inside_;
  std::uint32_t size_;
  std::uint32_t outer_start_;
  std::size_t outer_arguments_;
  std::uint32_t outer_epoch_;
  Scope* outer_;  ///< the scope around this one
};

}  // namespace autograd
