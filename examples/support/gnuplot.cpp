#include "examples/support/gnuplot.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string_view>

extern char** environ;

namespace examples {
namespace {

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
    if (pipe(ends) == 0) fcntl(ends[1], F_SETFD, FD_CLOEXEC);
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

/// Starts the program with the pipe as its input and the picture as its output, without a shell:
/// no file name is ever interpreted. Returns the process, or -1.
pid_t start(const std::string& program, const Pipe& pipe, const std::filesystem::path& picture) {
  posix_spawn_file_actions_t files;
  if (posix_spawn_file_actions_init(&files) != 0) return -1;
  posix_spawn_file_actions_adddup2(&files, pipe.ends[0], STDIN_FILENO);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, picture.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0666);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::string name = program;
  char* arguments[] = {name.data(), nullptr};
  pid_t child = -1;
  const int error = posix_spawnp(&child, name.c_str(), &files, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&files);
  return error == 0 ? child : -1;
}

void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // the reader has gone: its exit status tells
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

bool succeeded(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return false;
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool feed(const std::string& program, const std::string& script,
          const std::filesystem::path& picture) {
  Pipe pipe;
  if (pipe.ends[0] < 0) return false;
  const pid_t child = start(program, pipe, picture);
  if (child < 0) return false;
  pipe.close_end(0);
  write_all(pipe.ends[1], script);
  pipe.close_end(1);
  return succeeded(child);
}

}  // namespace

bool run_gnuplot(const std::string& script, const std::filesystem::path& picture,
                 const std::string& program) {
  const IgnoreBrokenPipe guard;
  std::error_code ignored;
  if (feed(program, script, picture) && std::filesystem::file_size(picture, ignored) > 0)
    return true;
  std::filesystem::remove(picture, ignored);
  return false;
}

}  // namespace examples
