/// Tables of numbers as the examples read and write them.

#include <filesystem>
#include <string>
#include <string_view>

#include "examples/support/csv.hpp"
#include "examples/support/error.hpp"
#include "tests/examples/image_files.hpp"
#include "tests/support/catch.hpp"

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

TEST_CASE("separators, blanks and line ends", "[examples][csv]") {
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

TEST_CASE("one line before the numbers may be a header", "[examples][csv]") {
  const Matrix expected{{1, 2}, {3, 4}};
  CHECK((decode_csv("x,y\n1,2\n3,4\n", "t.csv") == expected));
  CHECK((decode_csv("\"time, in s\";y;z\n1 2\n3 4\n", "t.csv") == expected));
  CHECK(error_of("x,y\nx,y\n1,2\n") == "t.csv: line 2: 'x' is not a finite number");
  CHECK(error_of("x,2\n3,4\n") == "t.csv: line 1: 'x' is not a finite number");
}

TEST_CASE("comments and empty lines do not count", "[examples][csv]") {
  const Matrix expected{{1, 2}, {3, 4}};
  CHECK((decode_csv("# x, y\n\n \t\nx,y\n\n1,2 # first\n#5,6\n3,4\n\n", "t.csv") == expected));
}

TEST_CASE("one number, one column", "[examples][csv]") {
  CHECK((decode_csv("7", "t.csv") == Matrix({1, 1}, 7)));
  const Matrix column = decode_csv("1\n2\n2\n", "t.csv");
  CHECK((column.shape(0) == 3 && column.shape(1) == 1));
  CHECK((column(0, 0) == 1 && column(1, 0) == 2 && column(2, 0) == 2));
}

TEST_CASE("what is no table of numbers is refused", "[examples][csv]") {
  CHECK(error_of("") == "t.csv: has no numbers");
  CHECK(error_of("# only this\n\nx,y\n") == "t.csv: has no numbers");
  CHECK(error_of("1,2\n3\n") == "t.csv: line 2: has 1 columns, the rows above have 2");
  CHECK(error_of("\n1 2\n\n3 4 5\n") == "t.csv: line 4: has 3 columns, the rows above have 2");
  CHECK(error_of("1,2\n3,four\n") == "t.csv: line 2: 'four' is not a finite number");
  CHECK(error_of("1,2\n3,4x\n") == "t.csv: line 2: '4x' is not a finite number");
  CHECK(error_of("1,2\n3,\n") == "t.csv: line 2: has 1 columns, the rows above have 2");
  CHECK(error_of("1,2\n,3\n") == "t.csv: line 2: '' is not a finite number");
  CHECK(error_of("1,,3\n") == "t.csv: line 1: '' is not a finite number");
  CHECK(error_of("1\t\t3\n") == "t.csv: line 1: '' is not a finite number");
  CHECK(error_of("1,2\n3;4\n") == "t.csv: line 2: has 1 columns, the rows above have 2");
  CHECK(error_of("1 2\n3,4\n") == "t.csv: line 2: has 1 columns, the rows above have 2");
  CHECK(error_of("1,+-2\n") == "t.csv: line 1: '+-2' is not a finite number");
  for (const std::string text : {"nan", "NaN", "-inf", "infinity", "1e999"}) {
    CHECK(error_of("1\n" + text) == "t.csv: line 2: '" + text + "' is not a finite number");
  }
}

TEST_CASE("quotes around fields", "[examples][csv]") {
  const Matrix expected{{1, 2.1}, {2, 3.9}};
  for (const char* text :
       {"\"x\",\"y\"\n\"1\",\"2.1\"\n\"2\",\"3.9\"\n", "\"1\";\"2.1\"\n2;3.9\n",
        "\"1\"\t2.1\n2\t\"3.9\"\n", "\"1\" \"2.1\"\n2 3.9\n", " \" 1 \" , \"2.1\"\r\n2,3.9",
        "\"length, in m\",\"a \"\"name\"\"; or two\"\n1,2.1\n2,3.9\n",
        "\"name\nof two\r\nlines # 1\",y\n1,2.1\n2,3.9\n", "3\" pipe,y\n1,2.1\n2,3.9\n"}) {
    CAPTURE(text);
    CHECK((decode_csv(text, "t.csv") == expected));
  }
  CHECK(error_of("\"a\nb\",y\n1,2\n3,x\n") == "t.csv: line 4: 'x' is not a finite number");
  CHECK(error_of("x,y\n1,\"2\n3,4\n") == "t.csv: line 2: a quotation has no end");
  CHECK(error_of("1,\"2\"3\n") == "t.csv: line 1: '\"2\"3' is not a finite number");
  CHECK(error_of("1,\"2\n3\"\n") == "t.csv: line 1: '2?3' is not a finite number");
}

TEST_CASE("empty fields at the end of lines do not count", "[examples][csv]") {
  const Matrix expected{{1, 2}, {3, 4}};
  for (const char* text : {"x,y,\n1,2,\n3,4,\n", "x;y;;\n1;2;;\n3;4\n", "x,y\n1,2,\n3,4\n,,\n",
                           "x\ty\t\n1\t2\t\n3\t4\t\n", "1,2,\"\"\n3,4, \n", ",,\nx,y\n1,2\n3,4"}) {
    CAPTURE(text);
    CHECK((decode_csv(text, "t.csv") == expected));
  }
  CHECK(error_of("x,y\n1,\n2,\n") == "t.csv: line 2: has 1 columns, the header has 2");
  CHECK(error_of("x,y,z\n1,2,\n") == "t.csv: line 2: has 2 columns, the header has 3");
}

TEST_CASE("a header has as many columns as the rows", "[examples][csv]") {
  CHECK((decode_csv("x,\n1,2\n", "t.csv") == Matrix{{1, 2}}));  // without a name
  CHECK((decode_csv("a long name\n1 2\n", "t.csv") == Matrix{{1, 2}}));
  // A decimal comma, or two columns?
  CHECK(error_of("x\n1,5\n2,5\n") == "t.csv: line 2: has 2 columns, the header has 1");
  CHECK(error_of("x,y\n1,5,2,5\n") == "t.csv: line 2: has 4 columns, the header has 2");
  CHECK(error_of("x\ty\n1\t2\t3\n") == "t.csv: line 2: has 3 columns, the header has 2");
}

TEST_CASE("names with blanks and digits between tabs", "[examples][csv]") {
  CHECK((decode_csv("sensor 1\tsensor 2\n1,5\t2\n", "t.csv") == Matrix{{1.5, 2}}));
}

TEST_CASE("what seems to be a number is no header", "[examples][csv]") {
  for (const std::string text : {"1.234,5", "1e400", "(7)", "1 000", "5 kg", "2020-01-02"}) {
    CHECK(error_of(text + ";" + text + "\n1;2\n") ==
          "t.csv: line 1: '" + text + "' is not a finite number");
  }
  CHECK((decode_csv("2nd;m1\n1;2\n", "t.csv") == Matrix{{1, 2}}));
}

TEST_CASE("decimal commas", "[examples][csv]") {
  const Matrix expected{{1, -2.125}, {0.5, 1e3}};
  for (const char* text :
       {"1,0;-2,125\n,5;1e3\n", "x;y\n1;-2,125;\n0,5;1,e+3;\n", "1\t-2,125\n0,5\t1000\n",
        "x,y\n1,\"-2,125\"\n\"0,5\",1000\n", "SEP=;\n1;-2,125\n0,5;1000"}) {
    CAPTURE(text);
    CHECK((decode_csv(text, "t.csv") == expected));
  }
  CHECK((decode_csv("1,234;5,678\n", "t.csv") == Matrix{{1.234, 5.678}}));
  CHECK(error_of("1,5;2\n1.5;2\n") ==
        "t.csv: line 2: '1.5' has a decimal point, but '1,5' in line 1 a decimal comma");
  CHECK(error_of("1.5;2,5\n") ==
        "t.csv: line 1: '2,5' has a decimal comma, but '1.5' in line 1 a decimal point");
  CHECK(error_of("1;2\n1.234,5;2\n") == "t.csv: line 2: '1.234,5' is not a finite number");
  CHECK(error_of("1;2\n1,234,567;2\n") == "t.csv: line 2: '1,234,567' is not a finite number");
  CHECK(error_of("7\n2,5\n") == "t.csv: line 2: '2,5' is not a finite number");
}

TEST_CASE("a comma that may be either is refused", "[examples][csv]") {
  const auto message = [](const std::string& line, const std::string& field) {
    return "t.csv: line " + line + ": '" + field +
           "' may have a decimal comma or groups of three digits; write numbers with a decimal "
           "point and without groups";
  };
  CHECK(error_of("x,y\n1,\"1,234\"\n2,\"-12,345\"\n") == message("2", "1,234"));
  CHECK(error_of("1\t2\n3\t+123,456\n") == message("2", "+123,456"));
  CHECK((decode_csv("\"1,234\",\"0,5\"\n", "t.csv") == Matrix{{1.234, 0.5}}));
  CHECK((decode_csv("\"0,234\",1\n", "t.csv") == Matrix{{0.234, 1}}));
  CHECK((decode_csv("\"1,2345\",1\n", "t.csv") == Matrix{{1.2345, 1}}));
  CHECK(error_of("1.5,\"1,234\"\n") ==
        "t.csv: line 1: '1,234' has a decimal comma, but '1.5' in line 1 a decimal point");
  CHECK(error_of("1 000\t2\n") == "t.csv: line 1: '1 000' is not a finite number");
}

TEST_CASE("lines that may be one number or several are refused, without a header",
          "[examples][csv]") {
  const auto message = [](const std::string& line) {
    return "t.csv: '" + line +
           "' may be several numbers or one with a decimal comma or groups of " +
           "three digits; name the columns in a first line";
  };
  CHECK(error_of("1,234\n") == message("1,234"));
  CHECK(error_of("1,234\n-22,345\n") == message("1,234"));
  CHECK(error_of("1,234,567\n") == message("1,234,567"));
  CHECK(error_of("3,5\n-0,043\n12,5\n") == message("-0,043"));
  CHECK(error_of("3,5\n7,00\n") == message("7,00"));
  CHECK(error_of("3,5\n-0,7\n") == message("-0,7"));
  const Matrix expected{{1, 234}, {2, 5}};
  CHECK((decode_csv("1,234\n2,5\n", "t.csv") == expected));
  CHECK((decode_csv("1,234\n2,005\n3,5.0\n", "t.csv")(1, 1) == 5));
  CHECK((decode_csv("1, 234\n", "t.csv") == Matrix{{1, 234}}));
  CHECK((decode_csv("x,y\n1,234\n", "t.csv") == Matrix{{1, 234}}));
  CHECK((decode_csv("sep=,\n1,234\n", "t.csv") == Matrix{{1, 234}}));
}

TEST_CASE("numbers that are too small are zero, those that are too large are refused",
          "[examples][csv]") {
  CHECK((decode_csv("x,y\n1,2\n2,1e-400\n", "t.csv") == Matrix{{1, 2}, {2, 0}}));
  CHECK((decode_csv("-1e-5000;1,5e-400", "t.csv") == Matrix{{0, 0}}));
  CHECK((decode_csv("4e-324", "t.csv") == Matrix({1, 1}, 5e-324)));
  CHECK((decode_csv("0." + std::string(400, '0') + "1", "t.csv") == Matrix({1, 1}, 0)));
  CHECK(error_of("1e400") == "t.csv: line 1: '1e400' is not a finite number");
  CHECK(error_of("-1e5000") == "t.csv: line 1: '-1e5000' is not a finite number");
  CHECK(error_of("1\n" + std::string(400, '9')) ==
        "t.csv: line 2: '" + std::string(20, '9') + "...' is not a finite number");
}

TEST_CASE("a first line that names the separator", "[examples][csv]") {
  const Matrix expected{{1, 2.5}, {3, 4}};
  for (const char* text :
       {"sep=;\nx;y\n1;2.5\n3;4\n", "\"sep=;\"\r\n1;2,5\r\n3;4\r\n", "sep=,\n1,2.5\n3,4\n",
        "sep=\t\n1\t2,5\n3\t4\n", "sep=|\nx|y\n1|2.5\n3|4\n", "\xEF\xBB\xBFsep=,\n1,2.5\n3,4\n"}) {
    CAPTURE(text);
    CHECK((decode_csv(text, "t.csv") == expected));
  }
  CHECK((decode_csv("sep=;\n1,2\n", "t.csv") == Matrix({1, 1}, 1.2)));
  CHECK(error_of("sep=1\n1112\n3114\n") == "fine");  // no separator: a name
}

TEST_CASE("line ends of all systems", "[examples][csv]") {
  const Matrix expected{{1, 2}, {3, 4}};
  for (const char* text : {"x,y\n1,2\n3,4", "x,y\r\n1,2\r\n3,4\r\n", "x,y\r1,2\r3,4\r",
                           "\r\n\r\nx,y # a\r\n\r1,2\n\r3,4 # b\r"}) {
    CAPTURE(text);
    CHECK((decode_csv(text, "t.csv") == expected));
  }
  CHECK(error_of("x\r\n\r\n1\r2\n\"a\rb\"") == "t.csv: line 5: 'a?b' is not a finite number");
}

TEST_CASE("encodings of tables", "[examples][csv]") {
  const Matrix expected{{1, 2.5}, {3, 4}};
  const std::string text =
      "gr\xC3\xB6\xC3\x9F"
      "e\tb\r\n1\t2,5\r\n3\t4\r\n";
  const auto utf16 = [](std::u16string_view units, bool big) {
    std::string bytes = big ? "\xFE\xFF" : "\xFF\xFE";
    for (const char16_t unit : units) {
      const char high = static_cast<char>(unit >> 8), low = static_cast<char>(unit & 0xFF);
      bytes += {big ? high : low, big ? low : high};
    }
    return bytes;
  };
  const std::u16string_view wide = u"gr\u00F6\u00DFe\tb\r\n1\t2,5\r\n3\t4\r\n";
  CHECK((decode_csv(text, "t.csv") == expected));
  CHECK((decode_csv("\xEF\xBB\xBF" + text, "t.csv") == expected));
  CHECK((decode_csv(utf16(wide, true), "t.csv") == expected));
  CHECK((decode_csv(utf16(wide, false), "t.csv") == expected));
  CHECK((decode_csv("gr\xF6\xDF"
                    "e;b\n1;2,5\n3;4\n",
                    "t.csv") == expected));  // Windows-1252
  CHECK(error_of(utf16(wide, false).substr(2)) ==
        "t.csv: holds zero bytes: no table of text, or one in UTF-16 without its mark; save it as "
        "CSV in UTF-8");
}

TEST_CASE("other kinds of files are named", "[examples][csv]") {
  CHECK(error_of("PK\x03\x04...") ==
        "t.csv: is an Excel or LibreOffice workbook (or another ZIP archive): save it as CSV");
  CHECK(error_of("\xD0\xCF\x11\xE0...") == "t.csv: is an old Excel workbook: save it as CSV");
  CHECK(error_of("\x1F\x8B...") == "t.csv: is compressed by gzip: unpack it first");
  CHECK(error_of("%PDF-1.7") == "t.csv: is a PDF: export the table as CSV");
  CHECK(error_of("\x93NUMPY") == "t.csv: is an array of NumPy: write it with numpy.savetxt");
  CHECK(error_of("\x89HDF") == "t.csv: is an HDF5 file: export the table as CSV");
  CHECK(error_of("PAR1") == "t.csv: is a Parquet file: export the table as CSV");
  CHECK(error_of({"\xFF\xFE\0\0001\0\0\0", 8}) == "t.csv: is a text in UTF-32: save it as UTF-8");
  CHECK(error_of({"\0\0\xFE\xFF\0\0\0001", 8}) == "t.csv: is a text in UTF-32: save it as UTF-8");
}

TEST_CASE("what a spreadsheet shows instead of a number is no comment", "[examples][csv]") {
  for (const std::string error : {"#N/A", "#DIV/0!", "#NAME?", "#WERT!", "#NV"}) {
    const std::string message = "'" + error + "' is not a finite number";
    CHECK(error_of("x\n1\n" + error + "\n3\n") == "t.csv: line 3: " + message);
    CHECK(error_of("1,2\n3," + error + "\n") == "t.csv: line 2: " + message);
    CHECK(error_of("1,2\n" + error + ",4\n") == "t.csv: line 2: " + message);
    CHECK(error_of("1 2\n3 " + error + "\n") == "t.csv: line 2: " + message);
  }
  CHECK(error_of("1,2\n3,####\n") == "t.csv: line 2: '####' is not a finite number");
  CHECK(error_of("1,2\n####,4\n") == "t.csv: line 2: '####' is not a finite number");
  CHECK((decode_csv("#####\n## X, Y\n#A,B\n1,2 # N/A\n", "t.csv") == Matrix{{1, 2}}));
}

TEST_CASE("what is shown of a field is short and printable", "[examples][csv]") {
  CHECK(error_of("1\n" + std::string(21, 'a')) ==
        "t.csv: line 2: '" + std::string(20, 'a') + "...' is not a finite number");
  CHECK(error_of("1\na\x01\xC3z\x7F") == "t.csv: line 2: 'a??z?' is not a finite number");
}

TEST_CASE("tables that are too large are refused", "[examples][csv]") {
  CHECK(error_of("1,2\n3,4\n", 4) == "fine");
  CHECK(error_of("1,2\n3,4\n5,6\n", 5) == "t.csv: line 3: the table has more than 5 numbers");
  CHECK(max_csv_numbers == 67108864);
}

TEST_CASE("tables in files", "[examples][csv]") {
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

TEST_CASE("what is written reads back equal", "[examples][csv]") {
  const TemporaryFolder folder;
  const Matrix matrix{{0.1, -1e300}, {1.0 / 3, 0}, {5e-324, 12345678}};
  write_csv(folder / "a.csv", {"x", "y, \"z\""}, matrix);
  CHECK((read_csv(folder / "a.csv") == matrix));
  write_csv(folder / "a.csv", {"x", "y, \"z\""}, {{0.1, 2}, {-3, 1e300}});
  CHECK(text_of(folder / "a.csv") == "x,\"y, \"\"z\"\"\"\n0.1,2\n-3,1e+300\n");
  CHECK_THROWS_WITH(write_csv(folder / "a.csv", {"x"}, matrix),
                    "write_csv: the names must be as many as the columns of the matrix");
}
