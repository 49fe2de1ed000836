#include "examples/support/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <random>
#include <system_error>
#include <utility>

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

/// Call it at once: whatever comes between the failure and this call may overwrite errno.
[[noreturn]] void fail_with_errno(const fs::path& path) { fail(path, std::strerror(errno)); }

/// A file that is written. Messages name `shown`, the file that the user knows.
class Output {
 public:
  Output(const fs::path& path, int flags, const fs::path& shown)
      : shown_(shown), descriptor_(open(path.c_str(), O_WRONLY | O_CLOEXEC | flags, 0666)) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() {
    if (is_open()) ::close(descriptor_);
  }

  bool is_open() const { return descriptor_ >= 0; }

  void write(const void* bytes, std::size_t size) const {
    const char* rest = static_cast<const char*>(bytes);
    while (size > 0) {
      const ssize_t written = ::write(descriptor_, rest, size);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail_with_errno(shown_);
      rest += written;
      size -= static_cast<std::size_t>(written);
    }
  }

  /// As far as the file system knows permissions.
  void set_mode(mode_t mode) const { static_cast<void>(fchmod(descriptor_, mode)); }

  /// Returns when the disk has the bytes. Other errors come from file systems that do not know how.
  void sync() const {
    if (fsync(descriptor_) == 0) return;
    if (errno == EIO || errno == ENOSPC || errno == EDQUOT) fail_with_errno(shown_);
  }

  void close() {
    if (::close(std::exchange(descriptor_, -1)) != 0) fail_with_errno(shown_);
  }

 private:
  const fs::path& shown_;
  int descriptor_;
};

fs::path random_name() {
  std::random_device random;
  return fmt::format(".partial-{:08x}{:08x}", random(), random());
}

/// A new file in the folder of `target`, which takes its place at the end or is removed. O_EXCL
/// makes it new: no file and no link that stands there is opened, whoever put it there.
class PartialFile {
 public:
  PartialFile(const fs::path& target, const fs::path& shown) : target_(target), shown_(shown) {
    do {
      path_ = target.parent_path() / random_name();
      output_ = std::make_unique<Output>(path_, O_CREAT | O_EXCL, shown);
    } while (!output_->is_open() && errno == EEXIST);
    if (!output_->is_open()) fail_with_errno(shown);
  }
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;
  ~PartialFile() {
    if (output_) unlink(path_.c_str());
  }

  void write(const void* bytes, std::size_t size) const { output_->write(bytes, size); }

  void take_place() {
    struct stat before {};
    if (stat(target_.c_str(), &before) == 0) output_->set_mode(before.st_mode & 0777);
    output_->sync();
    output_->close();
    if (std::rename(path_.c_str(), target_.c_str()) != 0) fail_with_errno(shown_);
    output_.reset();
  }

 private:
  const fs::path& target_;
  const fs::path& shown_;
  fs::path path_;
  std::unique_ptr<Output> output_;
};

/// The absolute path with symbolic links followed: what may be replaced by renaming.
fs::path resolved(const fs::path& path) {
  std::error_code ignored;
  const fs::path absolute = fs::absolute(path, ignored);
  const fs::path real = fs::weakly_canonical(absolute, ignored);
  return real.empty() ? absolute : real;
}

/// In a folder where everybody may write, a link may lead anywhere: only those are followed that
/// the user or the administrator has made.
void check_link(const fs::path& path) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0 || !S_ISLNK(status.st_mode)) return;
  if (status.st_uid == geteuid() || status.st_uid == 0) return;
  fail(path, "is a symbolic link of another user");
}

bool is_special(const fs::path& path) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  return fs::exists(status) && !fs::is_regular_file(status);
}

void write_directly(const fs::path& path, const void* bytes, std::size_t size) {
  Output output(path, 0, path);
  if (!output.is_open()) fail_with_errno(path);
  output.write(bytes, size);
  output.close();
}

/// Throws unless files can be made in the folder; messages name `shown`.
void check_folder(const fs::path& folder, const fs::path& shown) {
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (status.type() == fs::file_type::not_found) fail(shown, "its folder does not exist");
  if (error) fail(shown, error.message());
  if (!fs::is_directory(status)) fail(shown, "its folder is a file");
  if (access(folder.c_str(), W_OK | X_OK) != 0) fail_with_errno(shown);
}

}  // namespace

Bytes read_file(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) fail(path, "is a directory, not a file");
  const File file(std::fopen(path.c_str(), "rb"));
  if (!file) fail_with_errno(path);
  Bytes bytes;
  constexpr std::size_t step = std::size_t{1} << 16;
  for (std::size_t got = step; got == step;) {
    const std::size_t before = bytes.size();
    if (before > max_file_bytes) fail(path, "the file is larger than 256 MiB");
    bytes.resize(before + step);
    got = std::fread(bytes.data() + before, 1, step, file.get());
    if (std::ferror(file.get()) != 0) fail_with_errno(path);
    bytes.resize(before + got);
  }
  return bytes;
}

void write_file(const fs::path& path, const void* bytes, std::size_t size) {
  check_link(path);
  if (is_special(path)) return write_directly(path, bytes, size);
  const fs::path target = resolved(path);
  PartialFile partial(target, path);
  partial.write(bytes, size);
  partial.take_place();
}

void write_file(const fs::path& path, std::string_view text) {
  write_file(path, text.data(), text.size());
}

void check_writable(const fs::path& path) {
  std::error_code ignored;
  if (path.empty() || path.filename().empty()) fail(path, "is not the name of a file");
  if (fs::is_directory(path, ignored)) fail(path, "is a directory, not a file");
  check_link(path);
  if (!is_special(path)) return check_folder(resolved(path).parent_path(), path);
  if (access(path.c_str(), W_OK) != 0) fail_with_errno(path);
}

void make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) fail(path, fmt::format("cannot be created: {}", error.message()));
  if (!fs::is_directory(path, error)) fail(path, "is not a folder");
  if (access(path.c_str(), W_OK | X_OK) != 0) fail_with_errno(path);
}

}  // namespace examples
