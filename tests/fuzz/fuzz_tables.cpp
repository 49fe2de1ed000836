// Whatever the text, `decode_csv` gives a matrix of finite numbers, which reads back equal when it
// is written, or says in one line why not.
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "examples/support/csv.hpp"
#include "examples/support/error.hpp"
#include "tests/fuzz/target.hpp"

namespace {

constexpr std::size_t max_numbers = 1000;

std::string written(const xt::xarray<double>& matrix) {
  std::string text;
  for (std::size_t i = 0; i < matrix.shape(0); ++i) {
    for (std::size_t j = 0; j < matrix.shape(1); ++j) {
      char number[40];
      std::snprintf(number, sizeof(number), "%s%.17g", j > 0 ? ";" : "", matrix(i, j));
      text += number;
    }
    text += '\n';
  }
  return text;
}

void check_table(const xt::xarray<double>& matrix) {
  fuzz::check(matrix.dimension() == 2 && matrix.size() > 0, "no matrix, or an empty one");
  fuzz::check(matrix.size() <= max_numbers, "more numbers than allowed");
  for (const double number : matrix) fuzz::check(std::isfinite(number), "a number is not finite");
  const xt::xarray<double> again = examples::decode_csv(written(matrix), "again", max_numbers);
  fuzz::check(again == matrix, "another matrix after writing and reading");
}

}  // namespace

std::vector<fuzz::Bytes> fuzz::seeds() {
  return {bytes("x,y\n1,2\n3,4\n"),
          bytes("# a comment\n1.5 -2e3\t7\n\n4 5 .25 # and one more\n"),
          bytes("a;b\r\n1;2\r\n1e-400;0x10\r\n"),
          bytes("\"x\",\"y\"\n\"1\",\"2\"\n1,2,\n"),
          bytes("t;v\n0,5;1,25\n1,0;-3,5e-2\n"),
          bytes("\xEF\xBB\xBFsep=;\n1;2\n"),
          bytes("1,nan\n2,inf\n3,1e999\n"),
          bytes("1\r2\r3\r")};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  try {
    check_table(examples::decode_csv(text, "a file", max_numbers));
  } catch (const examples::InputError& error) {
    const std::string message = error.what();
    fuzz::check(message.starts_with("a file") && message.find('\n') == std::string::npos,
                "the message is: " + message);
  }
  return 0;
}
