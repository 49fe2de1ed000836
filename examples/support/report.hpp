#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "examples/support/command_line.hpp"
#include "examples/support/image.hpp"
#include "examples/support/json.hpp"
#include "examples/support/plot.hpp"
#include "examples/support/table.hpp"

namespace examples {

/// Everything that an example leaves behind: files in --out, the figures of --json, and
/// `report.html`, which shows all of it as one <section> of HTML. The gallery of run.sh is made of
/// these sections; links in them are relative to the folder that holds --out.
///
///     Report report(options, "Simplex fit", "Fits a curve with weights that sum to 1.");
///     report.plot("objective", plot, "The objective falls in every step.");
///     report.figure("objective", value, "The least value of all starts.");
///     report.expect(value < 1e-8, "the fit is exact");
///     return report.finish();
///
/// Sentences and names are plain text; the page is UTF-8 whatever bytes they hold. Functions that
/// write files throw InputError when they cannot.
class Report {
 public:
  Report(const CommonOptions& options, std::string_view title, std::string_view sentence);

  /// A further paragraph.
  void text(std::string_view paragraph);

  /// Writes the picture to `<out>/<file>` and shows it; or shows a file that stands there already.
  void picture(const std::string& file, const Image& image, std::string_view sentence);
  void picture(const std::string& file, std::string_view sentence);

  /// Writes `<out>/<name>.csv` and, where gnuplot is installed, `<out>/<name>.png`.
  void plot(const std::string& name, const Plot& plot, std::string_view sentence);

  /// Shows the table; the program prints it where it wants to.
  void table(const Table& table, std::string_view sentence);

  /// A file of `<out>` that is only linked to.
  void file(const std::string& file, std::string_view sentence);

  /// A final figure: a number, a truth or a text. It goes to --json under its name, and to the
  /// report.
  void figure(std::string_view name, const auto& value, std::string_view sentence) {
    json_.add(name, value);
    show_figure(name, Table::Cell(value).text(), sentence);
  }

  /// The same for a list of numbers; the report shows the first three and the last.
  void figures(std::string_view name, std::span<const double> values, std::string_view sentence);

  /// Why the results are of no use, as one sentence: on the standard error stream and in the
  /// report; `finish` returns 1.
  void fail(std::string_view sentence);

  /// Something that a right run shows. With --quick the run fails when it does not hold.
  void expect(bool holds, std::string_view sentence);

  /// Writes report.html and --json and prints a line that names the files. Returns the exit code of
  /// the program.
  int finish();

 private:
  std::string link(const std::string& file) const;
  void show_picture(const std::string& file, std::string_view sentence);
  void show_figure(std::string_view name, std::string_view value, std::string_view sentence);

  CommonOptions options_;
  // Parts of the section.
  std::string head_;
  std::string pictures_;
  std::string tables_;
  std::string figures_;
  std::string links_;

  std::vector<std::string> files_;
  JsonObject json_;
  int exit_code_ = 0;
};

/// The text with the characters replaced that mean something in HTML, and the bytes that are no
/// UTF-8.
std::string html_escaped(std::string_view text);

/// A relative path as it stands in a link.
std::string url_escaped(std::string_view path);

}  // namespace examples
