/// What a fuzz target is made of. Its file defines `seeds` and LLVMFuzzerTestOneInput, which ends
/// the program where something is wrong, and otherwise returns 0, whatever the bytes are.
///
/// With clang's libFuzzer the target is linked with `libfuzzer.cpp`, without it with `driver.cpp`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace fuzz {

using Bytes = std::vector<std::uint8_t>;

/// Inputs to begin with, which lead into the depths of what is tested.
std::vector<Bytes> seeds();

inline Bytes bytes(std::string_view text) { return {text.begin(), text.end()}; }

/// Ends the program with the text, unless the condition holds.
void check(bool condition, const std::string& text);

/// The bytes of an input as small numbers; zeros after its end.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}

  std::uint8_t byte() { return at_ < size_ ? data_[at_++] : 0; }
  /// One of low, low + 1, ..., high, which are less than 256 apart.
  std::ptrdiff_t number(std::ptrdiff_t low, std::ptrdiff_t high) {
    return low + byte() % (high - low + 1);
  }
  template <class T, std::size_t n>
  T one_of(const T (&list)[n]) {
    return list[byte() % n];
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
  std::size_t at_ = 0;
};

}  // namespace fuzz
