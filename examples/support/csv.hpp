#pragma once

#include <autograd/xtensor.hpp>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace examples {

/// Tables with more numbers are refused.
inline constexpr std::size_t max_csv_numbers = std::size_t{1} << 26;

/// Reads a table of finite numbers as a matrix of shape (rows, columns), as programs and
/// spreadsheets write it: in UTF-8, or UTF-16 with its mark, with any line ends.
/// - Semicolons, commas, tabs or blanks separate; the first row of numbers shows which. Excel's
///   first line sep=; may say so too. Empty fields at the end of a line do not count.
/// - Fields may stand in double quotes, also with separators and line ends in them.
/// - The decimal sign is a point everywhere, or a comma everywhere: between semicolons, and where
///   a field with a comma cannot be a number in groups of three digits. Nothing else is guessed:
///   "1,234" between commas or tabs is refused where no other number shows what it is, and so are
///   lines like 1,234 and 7,05 without a header.
/// - What is too small for a double, 1e-400, is 0; what is too large is refused.
/// - The first line may be a header: it is skipped when none of its fields is a number. It must
/// have
///   as many columns as the rows, unless these are separated by blanks.
/// - Empty lines are skipped, and everything from a # to the end of its line, except for what
///   spreadsheets show instead of a number (#N/A, #DIV/0!).
/// Throws InputError, naming the file, the line and the reason in one line: text in the place of a
/// number, NaN, infinities, an empty field, rows of different lengths, nothing at all, no text.
xt::xarray<double> read_csv(const std::filesystem::path& path);

/// The same for text in memory; `name` stands for the file in messages.
xt::xarray<double> decode_csv(std::string_view bytes, const std::string& name,
                              std::size_t max_numbers = max_csv_numbers);

/// Writes a matrix of shape (rows, columns) under a line with the names of the columns. Numbers
/// have the fewest digits that read back equal. Throws std::logic_error when the names are not as
/// many as the columns, InputError when the file cannot be written.
void write_csv(const std::filesystem::path& path, const std::vector<std::string>& names,
               const xt::xarray<double>& matrix);

/// A text as a CSV field: in quotes when it holds a separator.
std::string csv_field(std::string_view text);

}  // namespace examples
