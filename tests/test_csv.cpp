/// Tables of numbers as the examples read and write them.

#include "catch.hpp"
#include "examples/support/csv.hpp"
#include "examples/support/error.hpp"
#include "image_files.hpp"

using namespace examples;
using image_files::TemporaryFolder;

namespace {

using Matrix = xt::xarray<double>;

void write_text(const std::filesystem::path& path, std::string_view text) {
  image_files::write(path, {text.begin(), text.end()});
}

std::string text_of(const std::filesystem::path& path) {
  const auto bytes = image_files::read(path);
  return {bytes.begin(), bytes.end()};
}

/// The message of the InputError that this table causes.
std::string error_of(std::string_view text, std::size_t max_numbers = max_csv_numbers) {
  try {
    decode_csv(text, "t.csv", max_numbers);
  } catch (const InputError& error) {
    return error.what();
  }
  return "fine";
}

}  // namespace

TEST_CASE("csv: separators, blanks and line ends") {
  const Matrix expected{{1, -2.5, 300}, {0.25, 5, -6}};
  for (const char* text :
       {"1,-2.5,3e2\n.25,5,-6\n", "1;-2.5;3e2\n.25;5;-6", "1\t-2.5\t3e2\n.25\t5\t-6\n",
        "1 -2.5 3e2\n.25 5 -6\n", "  1   -2.5\t 3e2 \r\n .25 5 -6\r\n", "1 , -2.5,+3E+2\n.25,5, -6",
        "\xEF\xBB\xBF"
        "1,-2.5,3e2\n.25,5,-6\n"}) {
    CAPTURE(text);
    CHECK((decode_csv(text, "t.csv") == expected));
  }
}

TEST_CASE("csv: one line before the numbers may be a header") {
  const Matrix expected{{1, 2}, {3, 4}};
  CHECK((decode_csv("x,y\n1,2\n3,4\n", "t.csv") == expected));
  CHECK((decode_csv("\"time, in s\";y;z\n1 2\n3 4\n", "t.csv") == expected));
  CHECK(error_of("x,y\nx,y\n1,2\n") == "t.csv: line 2: 'x' is not a finite number");
  CHECK(error_of("x,2\n3,4\n") == "t.csv: line 1: 'x' is not a finite number");
}

TEST_CASE("csv: comments and empty lines do not count") {
  const Matrix expected{{1, 2}, {3, 4}};
  CHECK((decode_csv("# x, y\n\n \t\nx,y\n\n1,2 # first\n#5,6\n3,4\n\n", "t.csv") == expected));
}

TEST_CASE("csv: one number, one column") {
  CHECK((decode_csv("7", "t.csv") == Matrix({1, 1}, 7)));
  const Matrix column = decode_csv("1\n2\n2\n", "t.csv");
  CHECK((column.shape(0) == 3 && column.shape(1) == 1));
  CHECK((column(0, 0) == 1 && column(1, 0) == 2 && column(2, 0) == 2));
}

TEST_CASE("csv: what is no table of numbers is refused") {
  CHECK(error_of("") == "t.csv: has no numbers");
  CHECK(error_of("# only this\n\nx,y\n") == "t.csv: has no numbers");
  CHECK(error_of("1,2\n3\n") == "t.csv: line 2: has 1 columns, the rows above have 2");
  CHECK(error_of("\n1 2\n\n3 4 5\n") == "t.csv: line 4: has 3 columns, the rows above have 2");
  CHECK(error_of("1,2\n3,four\n") == "t.csv: line 2: 'four' is not a finite number");
  CHECK(error_of("1,2\n3,4x\n") == "t.csv: line 2: '4x' is not a finite number");
  CHECK(error_of("1,2\n3,\n") == "t.csv: line 2: '' is not a finite number");
  CHECK(error_of("1;2,5\n") == "t.csv: line 1: '2,5' is not a finite number");
  CHECK(error_of("1,+-2\n") == "t.csv: line 1: '+-2' is not a finite number");
  for (const std::string text : {"nan", "NaN", "-inf", "infinity", "1e999"}) {
    CHECK(error_of("1\n" + text) == "t.csv: line 2: '" + text + "' is not a finite number");
  }
}

TEST_CASE("csv: what is shown of a field is short and printable") {
  CHECK(error_of("1\n" + std::string(21, 'a')) ==
        "t.csv: line 2: '" + std::string(20, 'a') + "...' is not a finite number");
  CHECK(error_of("1\na\x01\xC3z\x7F") == "t.csv: line 2: 'a??z?' is not a finite number");
}

TEST_CASE("csv: tables that are too large are refused") {
  CHECK(error_of("1,2\n3,4\n", 4) == "fine");
  CHECK(error_of("1,2\n3,4\n5,6\n", 5) == "t.csv: line 3: the table has more than 5 numbers");
  CHECK(max_csv_numbers == 67108864);
}

TEST_CASE("csv: files") {
  const TemporaryFolder folder;
  write_text(folder / "a.csv", "x,y\n1,2\n3,4\n");
  CHECK((read_csv(folder / "a.csv") == Matrix{{1, 2}, {3, 4}}));
  write_text(folder / "a.csv", "1,2\n3\n");
  CHECK_THROWS_WITH(read_csv(folder / "a.csv"),
                    (folder / "a.csv").string() + ": line 2: has 1 columns, the rows above have 2");
  CHECK_THROWS_WITH(read_csv(folder / "none.csv"),
                    (folder / "none.csv").string() + ": No such file or directory");
  CHECK_THROWS_AS(read_csv(folder / ""), InputError);
}

TEST_CASE("csv: what is written reads back equal") {
  const TemporaryFolder folder;
  const Matrix matrix{{0.1, -1e300}, {1.0 / 3, 0}, {5e-324, 12345678}};
  write_csv(folder / "a.csv", {"x", "y, \"z\""}, matrix);
  CHECK((read_csv(folder / "a.csv") == matrix));
  write_csv(folder / "a.csv", {"x", "y, \"z\""}, {{0.1, 2}, {-3, 1e300}});
  CHECK(text_of(folder / "a.csv") == "x,\"y, \"\"z\"\"\"\n0.1,2\n-3,1e+300\n");
  CHECK_THROWS_WITH(write_csv(folder / "a.csv", {"x"}, matrix),
                    "write_csv: the names must be as many as the columns of the matrix");
}
