#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace examples {

using Bytes = std::vector<std::uint8_t>;

/// Larger files are refused by `read_file`.
inline constexpr std::size_t max_file_bytes = std::size_t{1} << 28;

/// The whole file. Throws InputError (file and reason in one line) when it is missing, a directory,
/// unreadable or larger than `max_file_bytes`.
Bytes read_file(const std::filesystem::path& path);

/// Writes the file completely or not at all, even when the disk is full or the power fails: the
/// bytes go to a new file beside it, with a name of its own, which is renamed at the end. A
/// symbolic link is followed when it belongs to the user or to root, and refused otherwise. Things
/// that are not files (a terminal, /dev/null) are written directly. Throws InputError when the
/// bytes cannot be written.
void write_file(const std::filesystem::path& path, const void* bytes, std::size_t size);
void write_file(const std::filesystem::path& path, std::string_view text);

/// Throws InputError unless `write_file(path, ...)` may be expected to work: called before long
/// work, so that a mistyped path is found before the work is lost.
void check_writable(const std::filesystem::path& path);

/// Makes the folder, and those above it, and checks that files can be written there.
void make_folder(const std::filesystem::path& path);

}  // namespace examples
