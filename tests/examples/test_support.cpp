/// What the examples share beside pictures: files, JSON, plots, progress, command lines.

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <iterator>
#include <limits>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "examples/support/command_line.hpp"
#include "examples/support/error.hpp"
#include "examples/support/file.hpp"
#include "examples/support/gnuplot.hpp"
#include "examples/support/json.hpp"
#include "examples/support/plot.hpp"
#include "examples/support/progress.hpp"
#include "examples/support/utf8.hpp"
#include "tests/examples/image_files.hpp"
#include "tests/support/catch.hpp"

using namespace examples;
using Catch::Matchers::ContainsSubstring;
using image_files::TemporaryFolder;

namespace {

std::string text_of(const std::filesystem::path& path) {
  const auto bytes = image_files::read(path);
  return {bytes.begin(), bytes.end()};
}

std::size_t files_in(const std::filesystem::path& folder) {
  const std::filesystem::directory_iterator entries(folder);
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

/// What `work()` throws as InputError in a process of its own, whose limits and user may change.
template <class Work>
std::string error_in_child(const Work& work) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::string told = "fine";
    try {
      work();
    } catch (const InputError& error) {
      told = error.what();
    }
    _exit(write(ends[1], told.data(), told.size()) < 0 ? 1 : 0);
  }
  close(ends[1]);
  char told[4096];
  const ssize_t size = read(ends[0], told, sizeof told);
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return {told, static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
}

/// Root may write everywhere: the user nobody, or whoever runs the test, may not.
void become_nobody() {
  constexpr uid_t nobody = 65534;
  if (geteuid() == 0 && setuid(nobody) != 0) _exit(1);
}

}  // namespace

TEST_CASE("json: numbers read back equal, what is no number is null", "[examples][support]") {
  JsonObject object;
  object.add("a", 0.1).add("b", 1e300).add("c", std::size_t{7}).add("d", -3).add("e", true);
  object.add("f", std::numeric_limits<double>::infinity()).add("g", 0.0 / 0.0);
  CHECK(object.text() ==
        "{\n  \"a\": 0.1,\n  \"b\": 1e+300,\n  \"c\": 7,\n  \"d\": -3,\n  \"e\": true,\n"
        "  \"f\": null,\n  \"g\": null\n}\n");
  CHECK(JsonObject().text() == "{\n}\n");
}

TEST_CASE("json: lists of numbers", "[examples][support]") {
  JsonObject object;
  object.add("none", std::span<const double>()).add("one", std::vector<double>{0.1});
  object.add("more", std::vector<double>{1, 0.0 / 0.0, -2.5});
  CHECK(object.text() == "{\n  \"none\": [],\n  \"one\": [0.1],\n  \"more\": [1, null, -2.5]\n}\n");
}

TEST_CASE("json: strings are escaped", "[examples][support]") {
  CHECK(json_string("a\"b\\c\n\t\r\x01z") == "\"a\\\"b\\\\c\\n\\t\\r\\u0001z\"");
  CHECK(JsonObject().add("k\"", "v").text() == "{\n  \"k\\\"\": \"v\"\n}\n");
  CHECK(json_string("gr\xC3\xBC\xFFn") == "\"gr\xC3\xBC\xEF\xBF\xBDn\"");
}

TEST_CASE("utf8: what is valid stays, byte for byte", "[examples][support]") {
  for (const char* text : {"", "abc", "gr\xC3\xBCn", "\xE2\x82\xAC", "\xF0\x9F\x8D\x83",
                           "\xF4\x8F\xBF\xBF", "\xED\x9F\xBF\xEE\x80\x80"}) {
    CHECK(valid_utf8(text) == text);
  }
}

TEST_CASE("utf8: every byte of what is not valid is replaced", "[examples][support]") {
  const std::string r = "\xEF\xBF\xBD";
  CHECK(valid_utf8("a\xFFz") == "a" + r + "z");
  CHECK(valid_utf8("\x80") == r);
  CHECK(valid_utf8("\xE2\x82") == r + r);                  // cut
  CHECK(valid_utf8("\xE2\x82z") == r + r + "z");           // cut by the next character
  CHECK(valid_utf8("\xC0\xAF") == r + r);                  // too long for what it stands for
  CHECK(valid_utf8("\xE0\x80\xAF") == r + r + r);          // likewise
  CHECK(valid_utf8("\xF0\x80\x80\xAF") == r + r + r + r);  // likewise
  CHECK(valid_utf8("\xED\xA0\x80") == r + r + r);          // a surrogate
  CHECK(valid_utf8("\xF4\x90\x80\x80") == r + r + r + r);  // beyond U+10FFFF
}

TEST_CASE("utf8: from UTF-16", "[examples][support]") {
  const auto big = [](std::string_view bytes) { return utf8_from_utf16(bytes, true); };
  CHECK(big({"\0a\0\xFC\x20\xAC\xD8\x3C\xDF\x43", 10}) == "a\xC3\xBC\xE2\x82\xAC\xF0\x9F\x8D\x83");
  CHECK(utf8_from_utf16({"a\0\xAC\x20", 4}, false) == "a\xE2\x82\xAC");
  const std::string r = "\xEF\xBF\xBD";
  CHECK(big({"\xD8\x3C\0a", 4}) == r + "a");
  CHECK(big({"\xDF\x43\0a", 4}) == r + "a");
  CHECK(big({"\xD8\x3C", 2}) == r);
  CHECK(big({"\0a\0", 3}) == "a" + r);
}

TEST_CASE("files: written whole or not at all", "[examples][support]") {
  const TemporaryFolder folder;
  write_file(folder / "a", "one");
  write_file(folder / "a", "two");
  CHECK(text_of(folder / "a") == "two");
  CHECK(files_in(folder / "") == 1);
  CHECK_THROWS_WITH(write_file(folder / "none/a", "x"),
                    (folder / "none/a").string() + ": No such file or directory");
  if (std::filesystem::exists("/dev/full")) {
    CHECK_THROWS_WITH(write_file("/dev/full", "x"), "/dev/full: No space left on device");
  }
}

TEST_CASE("files: where there is no room, the old file stays and no half one is left",
          "[examples][support]") {
  const TemporaryFolder folder;
  write_file(folder / "a", "old");
  const std::string told = error_in_child([&] {
    const rlimit limit{1000, 1000};
    setrlimit(RLIMIT_FSIZE, &limit);
    std::signal(SIGXFSZ, SIG_IGN);
    write_file(folder / "a", std::string(1001, 'x'));
  });
  CHECK(told == (folder / "a").string() + ": File too large");
  CHECK(text_of(folder / "a") == "old");
  CHECK(files_in(folder / "") == 1);
}

TEST_CASE("files: permissions are those of the file before, or what the user's mask allows",
          "[examples][support]") {
  const TemporaryFolder folder;
  using std::filesystem::perms;
  const auto permissions = [&] { return std::filesystem::status(folder / "a").permissions(); };
  const mode_t before = umask(027);
  write_file(folder / "a", "one");
  umask(before);
  CHECK(permissions() == perms(0640));
  std::filesystem::permissions(folder / "a", perms(0600));
  write_file(folder / "a", "two");
  CHECK(permissions() == perms(0600));
}

TEST_CASE("files: writers at the same time do not share a file on the way", "[examples][support]") {
  const TemporaryFolder folder;
  const auto write = [&](char c) {
    for (int i = 0; i < 20; ++i) write_file(folder / "a", std::string(100'000, c));
  };
  std::thread other(write, 'x');
  write('y');
  other.join();
  const std::string text = text_of(folder / "a");
  CHECK(text == std::string(100'000, text[0]));
  CHECK(files_in(folder / "") == 1);
}

TEST_CASE("files: a link that another user has planted is not followed", "[examples][support]") {
  const TemporaryFolder folder;
  write_file(folder / "victim", "one");
  std::filesystem::create_symlink(folder / "victim", folder / "link");
  // Only root can give a link away.
  if (geteuid() != 0 || lchown((folder / "link").c_str(), 65534, 65534) != 0) return;
  const std::string message = (folder / "link").string() + ": is a symbolic link of another user";
  CHECK_THROWS_WITH(write_file(folder / "link", "two"), message);
  CHECK_THROWS_WITH(check_writable(folder / "link"), message);
  CHECK(text_of(folder / "victim") == "one");
}

TEST_CASE("files: a link stays a link", "[examples][support]") {
  const TemporaryFolder folder;
  write_file(folder / "real", "one");
  std::filesystem::create_symlink(folder / "real", folder / "link");
  write_file(folder / "link", "two");
  CHECK(std::filesystem::is_symlink(folder / "link"));
  CHECK(text_of(folder / "real") == "two");
}

TEST_CASE("files: what cannot be written is found beforehand", "[examples][support]") {
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
  CHECK_THROWS_WITH(check_writable(folder / "file/x"), ContainsSubstring("its folder is a file"));
}

TEST_CASE("files: the reason is told why a file cannot be written", "[examples][support]") {
  const TemporaryFolder folder;
  using std::filesystem::perms;
  std::filesystem::permissions(folder / "", perms(0755));
  make_folder(folder / "shut/inner");
  std::filesystem::permissions(folder / "shut/inner", perms(0555));
  const auto told = [&](const char* name) {
    return error_in_child([&] {
      become_nobody();
      check_writable(folder / name);
    });
  };
  const auto denied = [&](const char* name) {
    return (folder / name).string() + ": Permission denied";
  };
  CHECK(told("shut/inner/new") == denied("shut/inner/new"));
  CHECK(error_in_child([&] {
          become_nobody();
          make_folder(folder / "shut/inner");
        }) == denied("shut/inner"));
  REQUIRE(mkfifo((folder / "pipe").c_str(), 0400) == 0);
  CHECK(told("pipe") == denied("pipe"));
  std::filesystem::permissions(folder / "shut", perms(0600));
  CHECK_THAT(told("shut/inner/new"), ContainsSubstring("Permission denied"));
  std::filesystem::permissions(folder / "shut", perms(0755));
}

TEST_CASE("plot: the figures are written in any case", "[examples][support]") {
  const TemporaryFolder folder;
  const Plot plot{"It's", "x", "y", true, true, {{"a,\"b\"", counting(3), {0.5, 1e-3, 0.0 / 0.0}}}};
  const bool drawn = write_plot(folder / "plot", plot);
  CHECK(text_of(folder / "plot.csv") ==
        "series,x,y\n\"a,\"\"b\"\"\",1,0.5\n\"a,\"\"b\"\"\",2,0.001\n\"a,\"\"b\"\"\",3,nan\n");
  CHECK(drawn == std::filesystem::exists(folder / "plot.png"));
}

TEST_CASE("plot: a logarithmic axis bears zeros", "[examples][support]") {
  const TemporaryFolder folder;
  const bool usual = write_plot(folder / "usual", {"", "", "", false, false, {{"", {1}, {1}}}});
  CHECK(write_plot(folder / "zero", {"", "", "", true, true, {{"", {1, 2}, {0, 0}}}}) == usual);
}

TEST_CASE("plot: a logarithmic axis is drawn whatever it spans, and with many series",
          "[examples][support]") {
  const TemporaryFolder folder;
  const bool usual = write_plot(folder / "usual", {"", "", "", false, false, {{"", {1}, {1}}}});
  for (const double factor : {1.0, 2.0, 5.0, 90.0, 1e9, 1e300}) {
    CHECK(write_plot(folder / "log", {"", "", "", true, true, {{"", {1, factor}, {factor, 1}}}}) ==
          usual);
  }
  Plot plot;
  for (int i = 0; i < 60; ++i) plot.series.push_back({std::to_string(i), {0, 1}, {0, 1.0 * i}});
  CHECK(write_plot(folder / "many", plot) == usual);
}

TEST_CASE("plot: series are drawn as they ask for", "[examples][support]") {
  const TemporaryFolder folder;
  const auto picture = [&](Draw draw) {
    const bool drawn =
        write_plot(folder / "plot", {"", "", "", false, false, {{"", {1, 2, 3}, {1, 3, 2}, draw}}});
    return drawn ? text_of(folder / "plot.png") : "";
  };
  const std::vector<std::string> pictures{picture(Draw::lines), picture(Draw::points),
                                          picture(Draw::lines_and_points), picture(Draw::steps),
                                          picture(Draw::background)};
  const std::set<std::string> different(pictures.begin(), pictures.end());
  CHECK(different.size() == (pictures[0].empty() ? 1 : 5));
}

TEST_CASE("gnuplot: missing or failing programs leave no picture and the program alive",
          "[examples][support]") {
  const TemporaryFolder folder;
  const std::string long_script(1 << 20, '#');
  write_file(folder / "a.png", "of an earlier run");
  CHECK(!run_gnuplot(long_script, folder / "a.png", "no-such-program-anywhere"));
  CHECK(!std::filesystem::exists(folder / "a.png"));
  CHECK(!run_gnuplot(long_script, folder / "a.png", "false"));  // ends without reading
  CHECK(!run_gnuplot(long_script, folder / "a.png", "true"));   // draws nothing
  CHECK(files_in(folder / "") == 0);
  CHECK(run_gnuplot("picture", folder / "it's a \"name\".png", "cat"));
  CHECK(text_of(folder / "it's a \"name\".png") == "picture");
  struct sigaction now {};
  sigaction(SIGPIPE, nullptr, &now);
  CHECK(now.sa_handler == SIG_DFL);
}

namespace {

/// A shell script that stands in for gnuplot.
std::string stand_in(const TemporaryFolder& folder, const std::string& commands) {
  write_file(folder / "program", "#!/bin/sh\n" + commands + "\n");
  std::filesystem::permissions(folder / "program", std::filesystem::perms::owner_all);
  return (folder / "program").string();
}

}  // namespace

TEST_CASE("gnuplot: long scripts and large pictures pass each other", "[examples][support]") {
  const TemporaryFolder folder;
  const std::string long_script(1 << 20, '#');
  CHECK(run_gnuplot(long_script, folder / "a.png", "cat"));
  CHECK(text_of(folder / "a.png") == long_script);
}

TEST_CASE("gnuplot: what it wrote before it failed is no picture", "[examples][support]") {
  const TemporaryFolder folder;
  CHECK(!run_gnuplot("", folder / "a.png", stand_in(folder, "echo half; exit 1")));
  CHECK(!run_gnuplot("", folder / "a.png", stand_in(folder, "echo half; kill -9 $$")));
  CHECK(!std::filesystem::exists(folder / "a.png"));
}

TEST_CASE("gnuplot: nobody waits for it for ever", "[examples][support]") {
  const TemporaryFolder folder;
  const auto limit = std::chrono::milliseconds(200);
  const auto begin = std::chrono::steady_clock::now();
  for (const char* commands : {"exec sleep 60", "echo half; exec sleep 60",
                               "echo all; exec >&-; exec sleep 60", "exec yes"}) {
    CAPTURE(commands);
    const std::string program = stand_in(folder, commands);
    CHECK(!run_gnuplot(std::string(1 << 20, '#'), folder / "a.png", program, limit));
    CHECK(!std::filesystem::exists(folder / "a.png"));
  }
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(30));
}

TEST_CASE("gnuplot: a picture that cannot be written is an error", "[examples][support]") {
  const TemporaryFolder folder;
  CHECK_THROWS_WITH(run_gnuplot("picture", folder / "none/a.png", "cat"),
                    (folder / "none/a.png").string() + ": No such file or directory");
}

TEST_CASE("progress: the line", "[examples][support]") {
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

TEST_CASE("command line: values reach their targets", "[examples][support]") {
  Arguments a;
  CHECK(parse({"x.png", "--part", "0.25", "--form=whole", "--color"}, a) == "fine");
  CHECK((a.image == "x.png" && a.part == 0.25 && a.count == 7 && a.form == "whole" && a.color));
}

TEST_CASE("command line: bad input is told in one line", "[examples][support]") {
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

TEST_CASE("command line: exceptions become exit codes", "[examples][support]") {
  CHECK(run_main("test", [] { return 5; }) == 5);
  CHECK(run_main("test", []() -> int { throw EarlyExit{0}; }) == 0);
  CHECK(run_main("test", []() -> int { throw InputError("expected in the log"); }) == 2);
  CHECK(run_main("test", []() -> int { throw std::logic_error("expected in the log"); }) == 1);
}
