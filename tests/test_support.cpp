/// What the examples share beside pictures: files, JSON, plots, progress, command lines.

#include <csignal>
#include <limits>
#include <set>

#include "catch.hpp"
#include "examples/support/command_line.hpp"
#include "examples/support/error.hpp"
#include "examples/support/file.hpp"
#include "examples/support/gnuplot.hpp"
#include "examples/support/json.hpp"
#include "examples/support/plot.hpp"
#include "examples/support/progress.hpp"
#include "image_files.hpp"

using namespace examples;
using Catch::Matchers::ContainsSubstring;
using image_files::TemporaryFolder;

namespace {

std::string text_of(const std::filesystem::path& path) {
  const auto bytes = image_files::read(path);
  return {bytes.begin(), bytes.end()};
}

}  // namespace

TEST_CASE("json: numbers read back equal, what is no number is null") {
  JsonObject object;
  object.add("a", 0.1).add("b", 1e300).add("c", std::size_t{7}).add("d", -3).add("e", true);
  object.add("f", std::numeric_limits<double>::infinity()).add("g", 0.0 / 0.0);
  CHECK(object.text() ==
        "{\n  \"a\": 0.1,\n  \"b\": 1e+300,\n  \"c\": 7,\n  \"d\": -3,\n  \"e\": true,\n"
        "  \"f\": null,\n  \"g\": null\n}\n");
  CHECK(JsonObject().text() == "{\n}\n");
}

TEST_CASE("json: lists of numbers") {
  JsonObject object;
  object.add("none", std::span<const double>()).add("one", std::vector<double>{0.1});
  object.add("more", std::vector<double>{1, 0.0 / 0.0, -2.5});
  CHECK(object.text() == "{\n  \"none\": [],\n  \"one\": [0.1],\n  \"more\": [1, null, -2.5]\n}\n");
}

TEST_CASE("json: strings are escaped") {
  CHECK(json_string("a\"b\\c\n\t\r\x01z") == "\"a\\\"b\\\\c\\n\\t\\r\\u0001z\"");
  CHECK(JsonObject().add("k\"", "v").text() == "{\n  \"k\\\"\": \"v\"\n}\n");
}

TEST_CASE("files: written whole or not at all") {
  const TemporaryFolder folder;
  write_file(folder / "a", "one");
  write_file(folder / "a", "two");
  CHECK(text_of(folder / "a") == "two");
  CHECK(!std::filesystem::exists(folder / "a.partial"));
  CHECK_THROWS_WITH(write_file(folder / "none/a", "x"),
                    (folder / "none/a").string() + ": No such file or directory");
  if (std::filesystem::exists("/dev/full")) {
    CHECK_THROWS_WITH(write_file("/dev/full", "x"), "/dev/full: No space left on device");
  }
}

TEST_CASE("files: a link stays a link") {
  const TemporaryFolder folder;
  write_file(folder / "real", "one");
  std::filesystem::create_symlink(folder / "real", folder / "link");
  write_file(folder / "link", "two");
  CHECK(std::filesystem::is_symlink(folder / "link"));
  CHECK(text_of(folder / "real") == "two");
}

TEST_CASE("files: what cannot be written is found beforehand") {
  const TemporaryFolder folder;
  check_writable(folder / "new.json");
  check_writable("new.json");
  CHECK_THROWS_WITH(check_writable(folder / "none/x"),
                    ContainsSubstring("its folder does not exist"));
  CHECK_THROWS_WITH(check_writable(folder / ""), ContainsSubstring("is not the name of a file"));
  make_folder(folder / "a/b");
  CHECK_THROWS_WITH(check_writable(folder / "a"), ContainsSubstring("is a directory"));
  write_file(folder / "file", "");
  CHECK_THROWS_AS(make_folder(folder / "file"), InputError);
}

TEST_CASE("plot: the figures are written in any case") {
  const TemporaryFolder folder;
  const Plot plot{"It's", "x", "y", true, true, {{"a,\"b\"", counting(3), {0.5, 1e-3, 0.0 / 0.0}}}};
  const bool drawn = write_plot(folder / "plot", plot);
  CHECK(text_of(folder / "plot.csv") ==
        "series,x,y\n\"a,\"\"b\"\"\",1,0.5\n\"a,\"\"b\"\"\",2,0.001\n\"a,\"\"b\"\"\",3,nan\n");
  CHECK(drawn == std::filesystem::exists(folder / "plot.png"));
}

TEST_CASE("plot: a logarithmic axis bears zeros") {
  const TemporaryFolder folder;
  const bool usual = write_plot(folder / "usual", {"", "", "", false, false, {{"", {1}, {1}}}});
  CHECK(write_plot(folder / "zero", {"", "", "", true, true, {{"", {1, 2}, {0, 0}}}}) == usual);
}

TEST_CASE("plot: series are drawn as they ask for") {
  const TemporaryFolder folder;
  const auto picture = [&](Draw draw) {
    const bool drawn =
        write_plot(folder / "plot", {"", "", "", false, false, {{"", {1, 2, 3}, {1, 3, 2}, draw}}});
    return drawn ? text_of(folder / "plot.png") : "";
  };
  const std::vector<std::string> pictures{picture(Draw::lines), picture(Draw::points),
                                          picture(Draw::lines_and_points), picture(Draw::steps)};
  const std::set<std::string> different(pictures.begin(), pictures.end());
  CHECK(different.size() == (pictures[0].empty() ? 1 : 4));
}

TEST_CASE("gnuplot: missing or failing programs leave no picture and the program alive") {
  const TemporaryFolder folder;
  const std::string long_script(1 << 20, '#');
  CHECK(!run_gnuplot(long_script, folder / "a.png", "no-such-program-anywhere"));
  CHECK(!run_gnuplot(long_script, folder / "a.png", "false"));  // ends without reading
  CHECK(!run_gnuplot(long_script, folder / "a.png", "true"));   // draws nothing
  CHECK(!std::filesystem::exists(folder / "a.png"));
  CHECK(run_gnuplot("picture", folder / "it's a \"name\".png", "cat"));
  CHECK(text_of(folder / "it's a \"name\".png") == "picture");
  struct sigaction now {};
  sigaction(SIGPIPE, nullptr, &now);
  CHECK(now.sa_handler == SIG_DFL);
}

TEST_CASE("progress: the line") {
  CHECK(progress_line("fit", 50, 100, "objective 1.0", 65, 100) ==
        "fit  50% [##########          ]  objective 1.0  1:05 left");
  CHECK(progress_line("fit", 0, 100, "", 0, 100) == "fit   0% [                    ]");
  CHECK(progress_line("fit", 1, 3601, "", 1, 100) ==
        "fit   0% [                    ]  1:00:00 left");
  CHECK(progress_line("fit", 0, 0, "", 1, 5) == "fit 1");
}

namespace {

struct Arguments {
  std::filesystem::path image;
  double part = 0.5;
  std::uint64_t count = 7;
  std::string form = "rows";
  bool color = false;
};

/// The message of the error that these arguments cause.
std::string parse(std::vector<const char*> words, Arguments& arguments) {
  const TemporaryFolder folder;
  const std::string out = (folder / "out").string();
  words.insert(words.begin(), {"test", "--out", out.c_str()});
  CommandLine line("test", "Tests.");
  line.file("IMAGE", arguments.image, "a picture");
  line.number("--part", arguments.part, {0, 1}, "a part");
  line.count("--count", arguments.count, {1, 9}, "a count");
  line.choice("--form", arguments.form, {"rows", "whole"}, "a form");
  line.flag("--color", arguments.color, "in colour");
  line.exclude("--part", "--count");
  line.require("--color", "IMAGE");
  try {
    line.parse(static_cast<int>(words.size()), words.data());
    return std::filesystem::is_directory(out) ? "fine" : "no folder";
  } catch (const InputError& error) {
    return error.what();
  }
}

std::string error_of(const std::vector<const char*>& words) {
  Arguments arguments;
  return parse(words, arguments);
}

}  // namespace

TEST_CASE("command line: values reach their targets") {
  Arguments a;
  CHECK(parse({"x.png", "--part", "0.25", "--form=whole", "--color"}, a) == "fine");
  CHECK((a.image == "x.png" && a.part == 0.25 && a.count == 7 && a.form == "whole" && a.color));
}

TEST_CASE("command line: bad input is told in one line") {
  const std::string help = " (--help explains the options)";
  CHECK(error_of({"--count", "-1"}) == "--count: '-1' is not a whole number from 1 to 9" + help);
  CHECK(error_of({"--count", "2.5"}) == "--count: '2.5' is not a whole number from 1 to 9" + help);
  CHECK(error_of({"--part", "nan"}) == "--part: 'nan' is not a number from 0 to 1" + help);
  CHECK(error_of({"--part", "1e"}) == "--part: '1e' is not a number from 0 to 1" + help);
  CHECK(error_of({"--form", "x"}) == "--form: 'x' is none of: rows, whole" + help);
  CHECK(error_of({"--part", "1", "--count", "2"}) == "--part excludes --count" + help);
  CHECK(error_of({"--color"}) == "--color requires IMAGE" + help);
  CHECK_THAT(error_of({"--nonsense"}), ContainsSubstring("--nonsense"));
  CHECK_THAT(error_of({"a", "b"}), ContainsSubstring("b"));
  CHECK_THAT(error_of({"--json", "/no/such/folder/x"}), ContainsSubstring("/no/such/folder/x: "));
}

TEST_CASE("command line: exceptions become exit codes") {
  CHECK(run_main("test", [] { return 5; }) == 5);
  CHECK(run_main("test", []() -> int { throw EarlyExit{0}; }) == 0);
  CHECK(run_main("test", []() -> int { throw InputError("expected in the log"); }) == 2);
  CHECK(run_main("test", []() -> int { throw std::logic_error("expected in the log"); }) == 1);
}
