#include "tests/fuzz/target.hpp"

#include <cstdio>
#include <cstdlib>

void fuzz::check(bool condition, const std::string& text) {
  if (condition) return;
  std::fprintf(stderr, "%s\n", text.c_str());
  std::abort();
}
