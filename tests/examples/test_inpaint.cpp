/// The photo restoration: its objective, its choice of pixels, and the program with odd input.

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "benchmarks/inpaint_by_hand.hpp"
#include "examples/inpaint/objective.hpp"
#include "examples/inpaint/problem.hpp"
#include "tests/examples/image_files.hpp"
#include "tests/examples/programs.hpp"
#include "tests/support/catch.hpp"

using namespace examples;
using namespace image_files;
using namespace programs;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

template <class T>
xt::xarray<T> random_picture(std::size_t height, std::size_t width) {
  std::mt19937_64 random(1);
  xt::xarray<T> picture = xt::xarray<T>::from_shape({height, width});
  for (T& pixel : picture.storage()) pixel = static_cast<T>(random() % 256) / 255;
  return picture;
}

template <class T>
struct ByHand {
  T value;
  xt::xarray<T> gradient;
};

template <class T>
ByHand<T> by_hand(const xt::xarray<T>& x) {
  ByHand<T> result{0, xt::zeros_like(x)};
  benchmarks::InpaintByHand<T> objective(x.shape(0), x.shape(1));
  result.value = objective.value_and_gradient(x.data(), result.gradient.data());
  return result;
}

template <class T>
void check_objective(ag::Var<T> (*err_func)(const ag::Var<T>&), const xt::xarray<T>& x) {
  const double tolerance = std::is_same_v<T, float> ? 2e-5 : 1e-12;
  const auto [value, gradient] = ag::value_and_grad(err_func)(x);
  const ByHand<T> expected = by_hand(x);
  CHECK_THAT(value, WithinRel(expected.value, static_cast<T>(tolerance)));
  CHECK(gradient.shape() == x.shape());
  const T worst = xt::amax(xt::abs(gradient - expected.gradient))();
  CHECK(worst <= tolerance);
}

template <class T>
void check_both_forms(const xt::xarray<T>& x) {
  CAPTURE(x.shape(0), x.shape(1));
  check_objective<T>(err_func_by_rows<T>, x);
  check_objective<T>(err_func_whole<T>, x);
}

Outcome inpaint(const TemporaryFolder& folder, const std::string& arguments) {
  return run("inpaint", folder, arguments);
}

std::string quoted(const std::filesystem::path& path) { return "'" + path.string() + "'"; }

image_files::Bytes flat_png(std::uint32_t width, std::uint32_t height, std::uint8_t level) {
  return png({width, height}, std::vector(height, image_files::Bytes(width, level)));
}

image_files::Bytes striped_png(std::uint32_t width, std::uint32_t height) {
  std::vector<image_files::Bytes> rows(height, image_files::Bytes(width));
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x)
      rows[y][x] = static_cast<std::uint8_t>(60 + 9 * (x + 2 * y));
  }
  return png({width, height}, rows);
}

/// A restoration that must run, and leave finite figures and pictures.
std::string check_runs(const TemporaryFolder& folder, const std::string& arguments) {
  CAPTURE(arguments);
  const Outcome outcome = inpaint(folder, arguments);
  CHECK(outcome.errors.empty());
  CHECK(outcome.code == 0);
  const std::string json = json_of(folder);
  CHECK(std::isfinite(figure(json, "objective_initial")));
  CHECK(std::isfinite(figure(json, "objective_final")));
  for (const char* name :
       {"before_after.png", "restored.png", "restoration.webp", "objective.csv"}) {
    CHECK(std::filesystem::file_size(folder / "out" / name) > 0);
  }
  return json;
}

}  // namespace

TEMPLATE_TEST_CASE("both forms agree with the gradient by hand", "[examples][inpaint]", float,
                   double) {
  check_both_forms<TestType>(random_picture<TestType>(33, 47));
  check_both_forms<TestType>(random_picture<TestType>(20, 8));
}

TEMPLATE_TEST_CASE("small and flat pictures", "[examples][inpaint]", float, double) {
  for (const auto& [height, width] :
       {std::pair{1, 1}, {1, 2}, {2, 1}, {2, 2}, {2, 9}, {9, 2}, {1, 9}, {3, 3}}) {
    check_both_forms<TestType>(random_picture<TestType>(height, width));
  }
  check_both_forms<TestType>(xt::ones<TestType>({6, 7}));
}

TEST_CASE("pixels are replaced by black or white as asked", "[examples][inpaint]") {
  const Image truth{xt::xarray<float>(xt::xarray<float>::shape_type{100, 100}, 0.5F)};
  const InpaintProblem problem = corrupt("test", truth, 0.9, 3);
  double known = 0, white = 0;
  for (std::size_t i = 0; i < truth.pixels.size(); ++i) {
    const float pixel = problem.corrupted.pixels.data()[i];
    if (problem.known.data()[i]) {
      REQUIRE(pixel == 0.5F);
    } else {
      REQUIRE((pixel == 0 || pixel == 1));
    }
    known += problem.known.data()[i];
    white += pixel == 1;
  }
  CHECK_THAT(known, WithinAbs(1000, 150));
  CHECK_THAT(white, WithinAbs(4500, 250));
  CHECK((corrupt("", truth, 0.9, 3).corrupted.pixels == problem.corrupted.pixels));
  CHECK((corrupt("", truth, 0.9, 4).corrupted.pixels != problem.corrupted.pixels));
  CHECK((corrupt("", truth, 0, 3).corrupted.pixels == truth.pixels));
  CHECK(!xt::any(corrupt("", truth, 1, 3).known));
}

TEST_CASE("the leaf comes back, in either form and precision", "[examples][inpaint]") {
  const TemporaryFolder folder;
  for (const char* how : {"", "--form whole", "--dtype double", "--form whole --dtype double"}) {
    const std::string json = check_runs(folder, std::string("--iterations 40 ") + how);
    CHECK_THAT(figure(json, "objective_final"), WithinAbs(456.6963, 0.01));
    CHECK(figure(json, "psnr_restored") > 24);
    CHECK(figure(json, "psnr_corrupted") < 6);
    CHECK((figure(json, "height") == 192 && figure(json, "width") == 256));
  }
}

TEST_CASE("flat and tiny pictures", "[examples][inpaint]") {
  const TemporaryFolder folder;
  write(folder / "flat.png", flat_png(12, 9, 90));
  write(folder / "one.png", flat_png(1, 1, 90));
  write(folder / "wide.png", striped_png(13, 2));
  write(folder / "tall.png", striped_png(2, 13));
  for (const char* name : {"flat.png", "one.png", "wide.png", "tall.png"}) {
    check_runs(folder, quoted(folder / name) + " --quick");
    check_runs(folder, quoted(folder / name) + " --quick --color --form whole");
    check_runs(folder, quoted(folder / name) + " --quick --corrupt 0");
    check_runs(folder, quoted(folder / name) + " --quick --corrupt 1 --dtype double");
    check_runs(folder, quoted(folder / name) + " --iterations 0");
  }
}

namespace {

/// A smooth picture of 12 x 10, and the same with noise in two of six columns, or with a black spot
/// elsewhere.
constexpr std::uint32_t mask_width = 12, mask_height = 10;

image_files::Bytes smooth_png(bool damaged, bool spot = false) {
  std::vector<image_files::Bytes> rows(mask_height, image_files::Bytes(mask_width));
  for (std::uint32_t y = 0; y < mask_height; ++y) {
    for (std::uint32_t x = 0; x < mask_width; ++x) {
      const bool noise = damaged && x % 6 < 2;
      rows[y][x] = static_cast<std::uint8_t>(noise ? (x + y) % 2 * 200 : 100 + 3 * x + 5 * y);
    }
  }
  if (spot) rows[4][3] = 0;
  return png({mask_width, mask_height}, rows);
}

/// `known` where the picture above is right, and `unknown` elsewhere.
image_files::Bytes mask_png(std::uint8_t known, std::uint8_t unknown) {
  image_files::Bytes row;
  for (std::uint32_t x = 0; x < mask_width; ++x) row.push_back(x % 6 < 2 ? unknown : known);
  return png({mask_width, mask_height}, std::vector(mask_height, row));
}

/// A folder with these pictures, and what the program says of them.
struct Masks {
  TemporaryFolder folder;

  Masks() {
    write(folder / "photo.png", smooth_png(true));
    write(folder / "truth.png", smooth_png(false));
  }

  Outcome run(const image_files::Bytes& mask, bool with_truth) const {
    write(folder / "mask.png", mask);
    return inpaint(folder, quoted(folder / "photo.png") + " --iterations 30 --known " +
                               quoted(folder / "mask.png") +
                               (with_truth ? " --original " + quoted(folder / "truth.png") : ""));
  }

  std::string warning(const std::string& text) const {
    return "warning: " + (folder / "mask.png").string() + ": " + text + "\n";
  }
  std::string error(const std::string& text) const {
    return "inpaint: " + (folder / "mask.png").string() + ": " + text + "\n";
  }
};

}  // namespace

TEST_CASE("a mask of zeros and ones is one of black and white", "[examples][inpaint]") {
  const Masks masks;
  const Outcome usual = masks.run(mask_png(255, 0), true);
  const std::string json = json_of(masks.folder);
  CHECK(usual.code == 0);
  CHECK(usual.errors.empty());
  CHECK_THAT(usual.out, ContainsSubstring("66.7 % of the pixels known"));
  const Outcome ones = masks.run(mask_png(1, 0), true);
  CHECK(ones.code == 0);
  CHECK(ones.errors.empty());
  CHECK_THAT(ones.out, ContainsSubstring("66.7 % of the pixels known"));
  CHECK(figure(json_of(masks.folder), "psnr_restored") == figure(json, "psnr_restored"));
  CHECK(figure(json, "psnr_restored") > figure(json, "psnr_corrupted") + 10);
  const Outcome mixed = masks.run(mask_png(255, 1), true);  // beside 255, 1 is black
  CHECK_THAT(mixed.out, ContainsSubstring("66.7 % of the pixels known"));
  const Outcome nothing_else = masks.run(mask_png(1, 1), false);
  CHECK_THAT(nothing_else.out, ContainsSubstring("100.0 % of the pixels known"));
}

TEST_CASE("masks that know everything or nothing", "[examples][inpaint]") {
  const Masks masks;
  const Outcome all = masks.run(mask_png(255, 255), false);
  CHECK(all.code == 0);
  CHECK(all.errors == masks.warning("all pixels are white: nothing is to be restored"));
  const std::string json = json_of(masks.folder);
  CHECK(figure(json, "objective_final") == figure(json, "objective_initial"));
  CHECK_THAT(json, ContainsSubstring("\"psnr_restored\": null"));
  for (const int level : {0, 2, 100}) {
    const Outcome none = masks.run(mask_png(static_cast<std::uint8_t>(level), 0), false);
    CHECK(none.code == 2);
    CHECK(none.errors ==
          masks.error("no pixel is white, the brightest is " + std::to_string(level) +
                      " of 255: nothing is known to restore the picture from"));
  }
}

TEST_CASE("a mask that contradicts the picture is told", "[examples][inpaint]") {
  const Masks masks;
  const std::string truth = (masks.folder / "truth.png").string();
  const Outcome inverted = masks.run(mask_png(0, 255), true);
  CHECK(inverted.code == 2);
  CHECK(inverted.errors ==
        masks.error("100 % of the pixels where it is white differ from " + truth +
                    ", 0 % of the others: the mask contradicts the picture"));
  const Outcome guessed = masks.run(mask_png(0, 255), false);
  CHECK(guessed.code == 0);
  CHECK(guessed.errors ==
        masks.warning("the picture looks damaged where it is white: is the mask inverted?"));
  const Outcome photo = masks.run(smooth_png(false), false);
  CHECK(photo.code == 2);
  CHECK(photo.errors == masks.error("most pixels are neither black nor white: is it a mask?"));
  image_files::Bytes row(mask_width, 255);
  row[2] = row[3] = row[6] = row[7] = 0;  // the damaged columns are 0, 1, 6 and 7
  const Outcome half =
      masks.run(png({mask_width, mask_height}, std::vector(mask_height, row)), true);
  CHECK(half.code == 0);
  CHECK(half.errors == masks.warning("25 % of the pixels where it is white differ from " + truth +
                                     ", 50 % of the others"));
}

TEST_CASE("no half picture is left where there is no room for a whole one", "[examples][inpaint]") {
  const TemporaryFolder folder;
  const std::string command = "trap '' XFSZ; ulimit -f 60; exec " + quoted(PROGRAMS "/inpaint") +
                              " --quick --out " + quoted(folder / "out") + " > " +
                              quoted(folder / "stdout") + " 2> " + quoted(folder / "stderr");
  CHECK(WEXITSTATUS(std::system(command.c_str())) == 2);
  CHECK(text_of(folder / "stderr") ==
        "inpaint: " + (folder / "out/before_after.png").string() + ": File too large\n");
  CHECK(std::filesystem::is_empty(folder / "out"));
}

TEST_CASE("a picture without its end marker is read with a warning", "[examples][inpaint]") {
  const TemporaryFolder folder;
  image_files::Bytes photo = striped_png(9, 7);
  photo.resize(photo.size() - 12);
  write(folder / "photo.png", photo);
  const Outcome outcome = inpaint(folder, quoted(folder / "photo.png") + " --quick");
  CHECK(outcome.code == 0);
  CHECK(outcome.errors == "warning: " + (folder / "photo.png").string() +
                              ": the end marker of the PNG is missing; all pixels are there\n");
}

TEST_CASE("equal pictures have an infinite PSNR", "[examples][inpaint]") {
  const TemporaryFolder folder;
  const Outcome outcome = inpaint(folder, "--quick --corrupt 0");
  CHECK_THAT(outcome.out, ContainsSubstring("PSNR       inf -> inf"));
  CHECK_THAT(json_of(folder), ContainsSubstring("\"psnr_restored\": null"));
}

TEST_CASE("bad input ends with one line and exit code 2", "[examples][inpaint]") {
  const TemporaryFolder folder;
  write(folder / "photo.png", striped_png(9, 7));
  write(folder / "mask.png", flat_png(9, 8, 255));
  write(folder / "broken.png", {0x89, 'P', 'N', 'G', 0x0D, 0x0A, 0x1A, 0x0A, 0, 0});
  const std::string photo = quoted(folder / "photo.png");
  for (const std::string& arguments :
       {quoted(folder / "missing.png"), quoted(folder / "broken.png"), quoted(folder / "stdout"),
        quoted(folder / ""), photo + " --known " + quoted(folder / "mask.png"),
        photo + " --known " + photo + " --original " + quoted(folder / "mask.png"),
        "--known " + photo, photo + " --original " + photo, std::string("--iterations -1"),
        std::string("--corrupt nan"), std::string("--corrupt 2"), std::string("--downsample 0"),
        std::string("--form columns"), std::string("--dtype int"), std::string("--seed x")}) {
    CAPTURE(arguments);
    const Outcome outcome = inpaint(folder, arguments);
    CHECK(outcome.code == 2);
    CHECK(outcome.out.empty());
    CHECK(outcome.errors.substr(0, 9) == "inpaint: ");
    CHECK(outcome.errors.find('\n') + 1 == outcome.errors.size());
  }
}
