#pragma once

#include <utility>

#include "autograd/tape/tape.hpp"

/// Sets the size from which operations are fused, for a while.
class FuseFrom {
 public:
  explicit FuseFrom(autograd::Index size) : single_(size), twice_(size) {}

 private:
  template <class T>
  struct Setting {
    explicit Setting(autograd::Index size)
        : size(std::exchange(tape.fuse_from, size)), row(std::exchange(tape.fuse_rows_from, 1)) {}
    ~Setting() {
      tape.fuse_from = size;
      tape.fuse_rows_from = row;
    }
    autograd::Tape<T>& tape = autograd::Tape<T>::current();
    autograd::Index size, row;
  };
  Setting<float> single_;
  Setting<double> twice_;
};
