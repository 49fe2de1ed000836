#include "examples/support/gnuplot.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "examples/support/error.hpp"
#include "examples/support/file.hpp"

extern char** environ;

namespace examples {
namespace {

using Clock = std::chrono::steady_clock;

/// While it lives, writing into a pipe that nobody reads is an error code, not the end of the
/// program.
class IgnoreBrokenPipe {
 public:
  IgnoreBrokenPipe() {
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &ignore, &before_);
  }
  IgnoreBrokenPipe(const IgnoreBrokenPipe&) = delete;
  IgnoreBrokenPipe& operator=(const IgnoreBrokenPipe&) = delete;
  ~IgnoreBrokenPipe() { sigaction(SIGPIPE, &before_, nullptr); }

 private:
  struct sigaction before_ {};
};

struct Pipe {
  int ends[2] = {-1, -1};  // read, write

  Pipe() {
    if (pipe(ends) != 0) return;
    for (const int end : ends) fcntl(end, F_SETFD, FD_CLOEXEC);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  void close_end(int end) {
    if (ends[end] >= 0) close(ends[end]);
    ends[end] = -1;
  }
};

/// Starts the program between two pipes, without a shell: no name is ever interpreted. Returns the
/// process, or -1.
pid_t start(const std::string& program, const Pipe& input, const Pipe& output) {
  posix_spawn_file_actions_t files;
  if (posix_spawn_file_actions_init(&files) != 0) return -1;
  posix_spawn_file_actions_adddup2(&files, input.ends[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&files, output.ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::string name = program;
  char* arguments[] = {name.data(), nullptr};
  pid_t child = -1;
  const int error = posix_spawnp(&child, name.c_str(), &files, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&files);
  return error == 0 ? child : -1;
}

/// A program that is fed with a text while what it writes is collected: neither waits for the other
/// for ever, and nobody longer than to the deadline.
class Child {
 public:
  Child(const std::string& program, std::string_view script, Clock::time_point deadline)
      : script_(script), deadline_(deadline) {
    if (input_.ends[1] < 0 || output_.ends[0] < 0) return;
    fcntl(input_.ends[1], F_SETFL, O_NONBLOCK);
    process_ = start(program, input_, output_);
    input_.close_end(0);
    output_.close_end(1);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (process_ < 0) return;
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }

  bool started() const { return process_ >= 0; }

  /// What the program wrote; nothing when it failed or took too long.
  std::optional<std::string> output() {
    while (exchange()) {
    }
    input_.close_end(1);
    if (output_.ends[0] >= 0 || !succeeded()) return std::nullopt;
    return std::move(text_);
  }

 private:
  /// One step of writing and reading; false when the output has ended, or too late.
  bool exchange() {
    if (script_.empty()) input_.close_end(1);
    std::array<pollfd, 2> ends{{{output_.ends[0], POLLIN, 0}, {input_.ends[1], POLLOUT, 0}}};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - Clock::now());
    const int ready =
        poll(ends.data(), ends.size(), static_cast<int>(std::max<long>(left.count(), 0)));
    if (ready < 0) return errno == EINTR;
    if (ready > 0 && ends[0].revents != 0) read_some();
    if (ready > 0 && ends[1].revents != 0) write_some();
    return output_.ends[0] >= 0 && ready > 0 && text_.size() <= max_file_bytes;
  }

  void read_some() {
    std::array<char, 1 << 16> buffer;
    const ssize_t got = read(output_.ends[0], buffer.data(), buffer.size());
    if (got > 0) text_.append(buffer.data(), static_cast<std::size_t>(got));
    if (got == 0) output_.close_end(0);
  }

  void write_some() {
    const ssize_t written = write(input_.ends[1], script_.data(), script_.size());
    if (written > 0) script_.remove_prefix(static_cast<std::size_t>(written));
    if (written < 0 && errno == EPIPE) script_ = {};  // its exit status tells why
  }

  bool succeeded() {
    int status = 0;
    while (waitpid(process_, &status, WNOHANG) == 0) {
      if (Clock::now() > deadline_) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    process_ = -1;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }

  Pipe input_, output_;
  std::string_view script_;
  Clock::time_point deadline_;
  pid_t process_ = -1;
  std::string text_;
};

}  // namespace

bool run_gnuplot(const std::string& script, const std::filesystem::path& picture,
                 const std::string& program, std::chrono::milliseconds limit) {
  const IgnoreBrokenPipe guard;
  Child child(program, script, Clock::now() + limit);
  const bool started = child.started();
  const std::optional<std::string> drawn = started ? child.output() : std::nullopt;
  if (drawn && !drawn->empty()) {
    write_file(picture, *drawn);
    return true;
  }
  std::error_code ignored;
  std::filesystem::remove(picture, ignored);
  if (started) {
    warn(fmt::format("{}: {} failed, or took longer than {} s", picture.string(), program,
                     std::chrono::duration<double>(limit).count()));
  }
  return false;
}

}  // namespace examples
