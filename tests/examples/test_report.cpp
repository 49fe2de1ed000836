/// What the examples leave behind: tables, reports, pictures of matrices, and the gallery of
/// run.sh.

#include <sys/wait.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "examples/support/matrix_image.hpp"
#include "examples/support/report.hpp"
#include "tests/examples/image_files.hpp"
#include "tests/support/catch.hpp"

using namespace examples;
using Catch::Matchers::ContainsSubstring;
using image_files::TemporaryFolder;

namespace {

void write_text(const std::filesystem::path& path, std::string_view text) {
  std::filesystem::create_directories(path.parent_path());
  image_files::write(path, {text.begin(), text.end()});
}

std::string text_of(const std::filesystem::path& path) {
  const auto bytes = image_files::read(path);
  return {bytes.begin(), bytes.end()};
}

}  // namespace

TEST_CASE("table: columns are as wide as their widest cell", "[examples][report]") {
  Table table({"step", "w", "größe"}, 3);
  table.add({1, -0.0123456, "a"}).add({std::size_t{10000}, 2.0, true});
  CHECK(table.text() ==
        " step        w  größe\n"
        "    1  -0.0123      a\n"
        "10000        2    yes\n");
}

TEST_CASE("table: digits, and what is no number", "[examples][report]") {
  CHECK(Table::Cell(1.0 / 3).text() == "0.333333");
  CHECK(Table::Cell(1.0 / 3).text(17) == "0.33333333333333331");
  CHECK(Table::Cell(-123456789).text(2) == "-123456789");
  CHECK(Table::Cell(std::copysign(NAN, -1.0)).text() == "nan");
  CHECK(Table::Cell(-std::numeric_limits<double>::infinity()).text() == "-inf");
  CHECK(Table::Cell(-0.0).text() == "0");
  CHECK(Table::Cell(false).text() == "no");
}

TEST_CASE("table: a row has as many cells as the header", "[examples][report]") {
  CHECK_THROWS_WITH(Table({"a", "b"}).add({1}),
                    "Table: a row must have as many cells as the header");
}

namespace {

/// The elements of the matrix that the magnified picture shows.
xt::xarray<float> elements(const Image& picture, std::size_t times) {
  const Image small = downsample(picture, times);
  CHECK((magnify(small, times).pixels == picture.pixels));
  return small.pixels;
}

}  // namespace

TEST_CASE("matrix pictures: a heat map is linear between its limits", "[examples][report]") {
  const Image picture = heat_map({{0, 1}, {2, 3}, {4, 5}}, 1, 3);
  CHECK((picture.height() == 513 && picture.width() == 342));
  CHECK((elements(picture, 171) == xt::xarray<float>{{0, 0}, {0.5F, 1}, {1, 1}}));
  CHECK((elements(heat_map({{0, 1, 4}}, 4, 0), 171) == xt::xarray<float>{{1, 0.75F, 0}}));
  CHECK((elements(heat_map({{7, 7}}, 7, 7), 256) == xt::xarray<float>{{0.5F, 0.5F}}));
}

TEST_CASE("matrix pictures: large ones are not magnified", "[examples][report]") {
  const Image large = heat_map(xt::zeros<double>({3, 512}), 0, 1);
  CHECK((large.height() == 3 && large.width() == 512));
  const Image small = heat_map(xt::zeros<double>({511, 3}), 0, 1);
  CHECK((small.height() == 1022 && small.width() == 6));
}

TEST_CASE("matrix pictures: spy shows where a matrix is not zero", "[examples][report]") {
  const xt::xarray<double> matrix{{0, 1e-300, 0, 0}, {0, 0, 0, -2}};
  CHECK((elements(spy(matrix), 128) == xt::xarray<float>{{1, 0, 1, 1}, {1, 1, 1, 0}}));
}

TEST_CASE("matrix pictures: in spy neighbours share a pixel on sides that are too long",
          "[examples][report]") {
  const xt::xarray<double> matrix{{0, 0, 0, 0, 3}, {0, 0, 0, 0, 0}, {0, 0, 1, 0, 0}};
  CHECK((elements(spy(matrix, 3), 171) == xt::xarray<float>{{1, 1, 0}, {1, 1, 1}, {1, 0, 1}}));
  CHECK((elements(spy(matrix, 4), 171) == xt::xarray<float>{{1, 1, 0}, {1, 1, 1}, {1, 0, 1}}));
  CHECK((elements(spy(matrix, 2), 256) == xt::xarray<float>{{1, 0}, {0, 1}}));
  const Image wide = spy(xt::ones<double>({200, 1764}));
  CHECK((wide.height() == 200 && wide.width() == 882));
}

TEST_CASE("matrix pictures: tiles stand in rows with white gaps", "[examples][report]") {
  const std::vector<xt::xarray<float>> patches{{{0.1F, 0.2F}}, {{0.3F, 0.4F}}, {{0.5F, 0.6F}}};
  CHECK((elements(tiles(patches, 2, 1, false), 103) ==
         xt::xarray<float>{{0.1F, 0.2F, 1, 0.3F, 0.4F}, {1, 1, 1, 1, 1}, {0.5F, 0.6F, 1, 1, 1}}));
  CHECK((elements(tiles({{{-3, 5, 1}}, {{2, 2, 2}}}, 1, 0, true), 171) ==
         xt::xarray<float>{{0, 1, 0.5F}, {0.5F, 0.5F, 0.5F}}));
}

namespace {

CommonOptions options_in(const std::filesystem::path& out) {
  CommonOptions options;
  options.out = out;
  options.json = out / "figures.json";
  std::filesystem::create_directories(out);
  return options;
}

}  // namespace

TEST_CASE("a section of a report with everything in it", "[examples][report]") {
  const TemporaryFolder folder;
  const CommonOptions options = options_in(folder / "fit");
  Report report(options, "A & B", "Is x < y?");
  report.text("Two.");
  report.picture("a.png", Image{xt::ones<float>({2, 2})}, "It's \"white\".");
  report.table(Table({"<a>", "b"}).add({1, "&"}), "A table.");
  report.file("notes.txt", "Notes.");
  report.figure("loss", 0.125, "A <number>.");
  report.figure("steps", 3, "How many.");
  report.figure("good", true, "A truth.");
  report.figure("way", std::string_view("x<y"), "A text.");
  report.figures("losses", std::vector<double>{5, 4, 3, 2, 1.5}, "Falling.");
  report.finish();
  CHECK(text_of(folder / "fit/report.html") ==
        "<section id=\"fit\">\n<h2>A &amp; B</h2>\n<p>Is x &lt; y?</p>\n<p>Two.</p>\n"
        "<div class=\"pictures\">\n"
        "<figure><a href=\"fit/a.png\"><img src=\"fit/a.png\" "
        "alt=\"It&#39;s &quot;white&quot;.\"></a>"
        "<figcaption>It&#39;s &quot;white&quot;.</figcaption></figure>\n</div>\n"
        "<p>A table.</p>\n<div class=\"table\"><table>\n"
        "<tr><th>&lt;a&gt;</th><th>b</th></tr>\n<tr><td>1</td><td>&amp;</td></tr>\n"
        "</table></div>\n"
        "<table class=\"figures\">\n"
        "<tr><th>loss</th><td>0.125</td><td>A &lt;number&gt;.</td></tr>\n"
        "<tr><th>steps</th><td>3</td><td>How many.</td></tr>\n"
        "<tr><th>good</th><td>yes</td><td>A truth.</td></tr>\n"
        "<tr><th>way</th><td>x&lt;y</td><td>A text.</td></tr>\n"
        "<tr><th>losses</th><td>5, 4, 3, ..., 1.5</td><td>Falling.</td></tr>\n"
        "</table>\n"
        "<p><a href=\"fit/notes.txt\">notes.txt</a>: Notes.</p>\n</section>\n");
  CHECK(text_of(options.json) ==
        "{\n  \"loss\": 0.125,\n  \"steps\": 3,\n  \"good\": true,\n  \"way\": \"x<y\",\n"
        "  \"losses\": [5, 4, 3, 2, 1.5]\n}\n");
  CHECK((read_image(folder / "fit/a.png").pixels == xt::xarray<float>{{1, 1}, {1, 1}}));
}

TEST_CASE("a report of only what there is, without JSON that nobody asked for",
          "[examples][report]") {
  const TemporaryFolder folder;
  CommonOptions options = options_in(folder / "a b#1");
  options.json.clear();
  options.out /= "";  // as in --out folder/
  Report report(options, "T", "S.");
  report.picture("50%.png", "P.");
  report.finish();
  CHECK(text_of(folder / "a b#1/report.html") ==
        "<section id=\"a b#1\">\n<h2>T</h2>\n<p>S.</p>\n<div class=\"pictures\">\n"
        "<figure><a href=\"a%20b%231/50%25.png\"><img src=\"a%20b%231/50%25.png\" alt=\"P.\"></a>"
        "<figcaption>P.</figcaption></figure>\n</div>\n</section>\n");
  CHECK(!std::filesystem::exists(folder / "a b#1/figures.json"));
}

TEST_CASE("the page is UTF-8 and escaped, whatever the folder is called", "[examples][report]") {
  const TemporaryFolder folder;
  const CommonOptions options = options_in(folder / "a\xFF<\xC3\xBC&");
  Report report(options, "T\xC3", "S.");
  report.picture("b\xFE.png", "P\xE2\x82.");
  report.figure("f\xFF", std::string_view("v\xFF"), "F\xFF.");
  report.finish();
  const std::string r = "\xEF\xBF\xBD";
  CHECK(text_of(options.out / "report.html") ==
        "<section id=\"a" + r + "&lt;\xC3\xBC&amp;\">\n<h2>T" + r +
            "</h2>\n<p>S.</p>\n<div class=\"pictures\">\n"
            "<figure><a href=\"a%FF%3C%C3%BC%26/b%FE.png\">"
            "<img src=\"a%FF%3C%C3%BC%26/b%FE.png\" alt=\"P" +
            r + r + ".\"></a><figcaption>P" + r + r +
            ".</figcaption></figure>\n</div>\n<table class=\"figures\">\n<tr><th>f" + r +
            "</th><td>v" + r + "</td><td>F" + r + ".</td></tr>\n</table>\n</section>\n");
  CHECK(text_of(options.json) == "{\n  \"f" + r + "\": \"v" + r + "\"\n}\n");
}

TEST_CASE("a quick run checks itself", "[examples][report]") {
  const TemporaryFolder folder;
  CommonOptions options = options_in(folder / "fit");
  for (const bool quick : {false, true}) {
    options.quick = quick;
    Report good(options, "T", "S.");
    good.expect(true, "1 < 2");
    CHECK(good.finish() == 0);
    Report bad(options, "T", "S.");
    bad.expect(false, "2 < 1");
    bad.expect(true, "1 < 2");
    CHECK(bad.finish() == (quick ? 1 : 0));
    const std::string told =
        quick ? "<p class=\"failed\">This was expected, and is not so: 2 &lt; 1</p>\n" : "";
    CHECK(text_of(folder / "fit/report.html") ==
          "<section id=\"fit\">\n<h2>T</h2>\n<p>S.</p>\n" + told + "</section>\n");
  }
}

TEST_CASE("a run whose results are of no use fails, quick or not", "[examples][report]") {
  const TemporaryFolder folder;
  const CommonOptions options = options_in(folder / "fit");
  Report report(options, "T", "S.");
  report.fail("It is < 0.");
  report.figure("x", 1, "X.");
  CHECK(report.finish() == 1);
  CHECK_THAT(text_of(folder / "fit/report.html"),
             ContainsSubstring("<p>S.</p>\n<p class=\"failed\">It is &lt; 0.</p>\n"));
  CHECK(text_of(options.json) == "{\n  \"x\": 1\n}\n");
}

TEST_CASE("a plot is a picture, or else a link to its numbers", "[examples][report]") {
  const TemporaryFolder folder;
  Report report(options_in(folder / "fit"), "T", "S.");
  report.plot("loss", {"", "", "", false, false, {{"l", {1, 2}, {3, 4}, Draw::points}}}, "Falls.");
  report.finish();
  const bool drawn = std::filesystem::exists(folder / "fit/loss.png");
  CHECK(text_of(folder / "fit/loss.csv") == "series,x,y\nl,1,3\nl,2,4\n");
  CHECK_THAT(text_of(folder / "fit/report.html"),
             ContainsSubstring(drawn ? "<img src=\"fit/loss.png\" alt=\"Falls.\">"
                                     : "<p><a href=\"fit/loss.csv\">loss.csv</a>: Falls.</p>"));
}

namespace {

/// A project of stand-ins: run.sh beside a build tool that does nothing (but refuses the target
/// simplex_fit) and programs that report their arguments, of which one, sgd_momentum, fails at its
/// end, and one, quadratic_fit, at its beginning.
class Project {
 public:
  Project() {
    const std::filesystem::path source = EXAMPLES;
    std::filesystem::create_directories(folder_ / "examples/support");
    std::filesystem::copy(source / "run.sh", folder_ / "examples/run.sh");
    std::filesystem::copy(source / "support/gallery_head.html",
                          folder_ / "examples/support/gallery_head.html");
    write_text(folder_ / "third_party/install.sh", "");
    program("bin/cmake", "case $* in *simplex_fit*) exit 1 ;; esac");
    for (const char* name : {"inpaint", "energy_autoencoder", "simplex_fit", "linear_regression",
                             "intrinsic_images", "subspace_clustering"}) {
      program(std::string("build/release/examples/") + name, reporting);
    }
    program("build/release/examples/sgd_momentum", reporting + "exit 1\n");
    program("build/release/examples/quadratic_fit", "exit 1\n");
  }

  /// The exit code of run.sh, which puts its results beside it.
  int run(const std::string& arguments) const {
    const std::string command = "cd '" + (folder_ / "").string() +
                                "' && PATH=\"$PWD/bin:$PATH\" sh examples/run.sh " + arguments +
                                " > stdout 2> stderr";
    return WEXITSTATUS(std::system(command.c_str()));
  }

  std::string text(const std::string& file) const { return text_of(folder_ / file); }
  bool has_hidden_files(const std::string& folder) const {
    const std::filesystem::directory_iterator entries(folder_ / folder);
    return std::any_of(begin(entries), end(entries), [](const auto& entry) {
      return entry.path().filename().string()[0] == '.';
    });
  }
  void write(const std::string& file, std::string_view content) const {
    write_text(folder_ / file, content);
  }

 private:
  void program(const std::string& path, const std::string& script) const {
    write(path, "#!/bin/sh\n" + script);
    std::filesystem::permissions(folder_ / path, std::filesystem::perms::owner_all);
  }

  const std::string reporting =
      "echo \"${0##*/}: $*\"\n"
      "while [ $# -gt 1 ]; do shift; done\n"
      "case ${1-} in out/*) mkdir -p \"$1\"; echo \"[${1#out/}]\" >\"$1/report.html\" ;; esac\n";

  TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("run.sh: without a name it restores a picture", "[examples][report]") {
  const Project project;
  project.write("my photo.jpg", "");
  for (const std::string arguments : {"", "--color --iterations 3", "'my photo.jpg' --color"}) {
    CAPTURE(arguments);
    CHECK(project.run(arguments) == 0);
    std::string unquoted = arguments;
    std::erase(unquoted, '\'');
    CHECK(project.text("stdout") == "inpaint: " + unquoted + "\n");
  }
}

TEST_CASE("run.sh: a name runs one scenario, with its exit code", "[examples][report]") {
  const Project project;
  CHECK(project.run("linear_regression --quick 'a b'") == 0);
  CHECK(project.text("stdout") == "linear_regression: --quick a b\n");
  CHECK(project.run("sgd_momentum") == 1);
  CHECK(project.run("simplex_fit") == 1);
}

TEST_CASE("run.sh: an unknown name is told, with the names there are", "[examples][report]") {
  const Project project;
  CHECK(project.run("simplex") == 2);
  CHECK_THAT(project.text("stderr"),
             ContainsSubstring("simplex is neither a scenario nor a file. The scenarios:\n") &&
                 ContainsSubstring("  simplex_fit\n"));
  CHECK(project.run("--list") == 0);
  const std::string list = project.text("stdout");
  CHECK(std::count(list.begin(), list.end(), '\n') == 8);
  CHECK_THAT(list, ContainsSubstring("inpaint               restores a photograph"));
}

TEST_CASE("run.sh: --all runs everything, and names what failed", "[examples][report]") {
  const Project project;
  project.write("out/quadratic_fit/report.html", "[of an earlier run]");
  CHECK(project.run("--all --quick") == 1);
  CHECK(project.text("stderr") == "Failed: sgd_momentum quadratic_fit simplex_fit\n");
  CHECK_THAT(project.text("stdout"),
             ContainsSubstring("inpaint: --quick --out out/inpaint\n") &&
                 ContainsSubstring("subspace_clustering: --quick --out out/subspace_clustering\n"));
  const std::string page = project.text("out/index.html");
  CHECK(!project.has_hidden_files("out"));
  CHECK_THAT(page, ContainsSubstring("<dt><a href=\"#inpaint\">inpaint</a></dt><dd>restores") &&
                       ContainsSubstring("step by step <span class=\"failed\">failed</span></dd>"));
  const std::string failed = "\"><h2>quadratic_fit</h2><p class=\"failed\">This run failed.</p>";
  CHECK_THAT(page, ContainsSubstring("\n[inpaint]\n[energy_autoencoder]\n[sgd_momentum]\n"
                                     "<section id=\"quadratic_fit" +
                                     failed + "</section>\n"));
  CHECK_THAT(page, ContainsSubstring("[subspace_clustering]\n</body>\n</html>\n"));
}
