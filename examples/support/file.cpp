#include "examples/support/file.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "examples/support/error.hpp"

namespace examples {
namespace {

namespace fs = std::filesystem;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

[[noreturn]] void fail(const fs::path& path, std::string_view reason) {
  throw InputError(fmt::format("{}: {}", path.string(), reason));
}

[[noreturn]] void fail_with_errno(const fs::path& path) { fail(path, std::strerror(errno)); }

/// Opens `path`; messages name `shown`.
File open(const fs::path& path, const char* mode, const fs::path& shown) {
  File file(std::fopen(path.c_str(), mode));
  if (!file) fail_with_errno(shown);
  return file;
}

void write_directly(const fs::path& path, const void* bytes, std::size_t size,
                    const fs::path& shown) {
  File file = open(path, "wb", shown);
  const bool written = size == 0 || std::fwrite(bytes, 1, size, file.get()) == size;
  if (!written || std::fflush(file.get()) != 0) fail_with_errno(shown);
  if (std::fclose(file.release()) != 0) fail_with_errno(shown);
}

/// The absolute path with symbolic links followed: what may be replaced by renaming.
fs::path resolved(const fs::path& path) {
  std::error_code ignored;
  const fs::path absolute = fs::absolute(path, ignored);
  const fs::path real = fs::weakly_canonical(absolute, ignored);
  return real.empty() ? absolute : real;
}

bool is_special(const fs::path& path) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  return fs::exists(status) && !fs::is_regular_file(status);
}

}  // namespace

Bytes read_file(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) fail(path, "is a directory, not a file");
  const File file = open(path, "rb", path);
  Bytes bytes;
  constexpr std::size_t step = std::size_t{1} << 16;
  for (std::size_t got = step; got == step;) {
    const std::size_t before = bytes.size();
    if (before > max_file_bytes) fail(path, "the file is larger than 256 MiB");
    bytes.resize(before + step);
    got = std::fread(bytes.data() + before, 1, step, file.get());
    bytes.resize(before + got);
  }
  if (std::ferror(file.get()) != 0) fail_with_errno(path);
  return bytes;
}

void write_file(const fs::path& path, const void* bytes, std::size_t size) {
  if (is_special(path)) return write_directly(path, bytes, size, path);
  const fs::path target = resolved(path);
  fs::path partial = target;
  partial += ".partial";
  try {
    write_directly(partial, bytes, size, path);
    if (std::rename(partial.c_str(), target.c_str()) != 0) fail_with_errno(path);
  } catch (const InputError&) {
    std::error_code ignored;
    fs::remove(partial, ignored);
    throw;
  }
}

void write_file(const fs::path& path, std::string_view text) {
  write_file(path, text.data(), text.size());
}

void check_writable(const fs::path& path) {
  std::error_code ignored;
  if (path.empty() || path.filename().empty()) fail(path, "is not the name of a file");
  if (fs::is_directory(path, ignored)) fail(path, "is a directory, not a file");
  const fs::path folder = resolved(path).parent_path();
  if (!fs::is_directory(folder, ignored)) fail(path, "its folder does not exist");
  if (access(folder.c_str(), W_OK) != 0 && !is_special(path)) fail_with_errno(path);
}

void make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) fail(path, fmt::format("cannot be created: {}", error.message()));
  if (!fs::is_directory(path)) fail(path, "is not a folder");
  if (access(path.c_str(), W_OK) != 0) fail_with_errno(path);
}

}  // namespace examples
