// A fuzzer for compilers without libFuzzer: random changes of the seeds, the same in every run.
//
//   fuzz_x [-runs=N] [-seed=N]   N random inputs. The one under way stands in ./fuzz_x.input, which
//                                stays there when the program dies.
//   fuzz_x FILE...               these inputs
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/fuzz/target.hpp"

namespace {

using fuzz::Bytes;

class Mutator {
 public:
  Mutator(std::vector<Bytes> seeds, std::uint64_t seed) : seeds_(std::move(seeds)), random_(seed) {}

  Bytes next() {
    Bytes input = any_seed();
    for (std::size_t changes = below(8); changes > 0; --changes) change(input);
    if (input.size() > 4096) input.resize(4096);
    return input;
  }

 private:
  std::size_t below(std::size_t count) { return random_() % count; }
  const Bytes& any_seed() { return seeds_[below(seeds_.size())]; }
  std::uint8_t any_byte() {
    constexpr std::uint8_t telling[] = {0,   1,   2,   7,   8,   127, 128,
                                        255, ' ', '0', '9', ',', '-', '\n'};
    return below(2) == 0 ? telling[below(std::size(telling))] : std::uint8_t(random_());
  }

  void change(Bytes& input) {
    const std::size_t kind = below(6);
    const auto begin = input.begin();
    const auto at = begin + static_cast<std::ptrdiff_t>(below(input.size() + 1));
    const auto end = at + static_cast<std::ptrdiff_t>(
                              below(std::min<std::size_t>(16, std::size_t(input.end() - at)) + 1));
    if (kind == 0) {
      input.insert(at, any_byte());
    } else if (kind == 1) {
      input.erase(at, end);
    } else if (kind == 2) {
      const Bytes part(at, end);
      const auto to = begin + static_cast<std::ptrdiff_t>(below(input.size() + 1));
      input.insert(to, part.begin(), part.end());
    } else if (kind == 3) {  // the end of another one
      const Bytes& other = any_seed();
      const auto from = static_cast<std::ptrdiff_t>(below(other.size() + 1));
      input.erase(at, input.end());
      input.insert(input.end(), other.begin() + from, other.end());
    } else if (at != input.end()) {
      *at = kind == 4 ? any_byte() : std::uint8_t(*at ^ (1U << below(8)));
    }
  }

  std::vector<Bytes> seeds_;
  std::mt19937_64 random_;
};

/// Keeps the input that is under way in a file, whatever ends the program.
class InputFile {
 public:
  explicit InputFile(std::string path)
      : path_(std::move(path)), file_(open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0666)) {
    fuzz::check(file_ >= 0, path_ + " cannot be written");
  }
  ~InputFile() {
    close(file_);
    unlink(path_.c_str());
  }
  void write(const Bytes& input) const {
    const bool written = pwrite(file_, input.data(), input.size(), 0) == std::ssize(input) &&
                         ftruncate(file_, std::ssize(input)) == 0;
    fuzz::check(written, path_ + " cannot be written");
  }

 private:
  std::string path_;
  int file_;
};

void run_file(const char* path) {
  std::ifstream file(path, std::ios::binary);
  fuzz::check(file.good(), std::string(path) + " cannot be read");
  const Bytes input{std::istreambuf_iterator<char>(file), {}};
  LLVMFuzzerTestOneInput(input.data(), input.size());
}

void run(const std::string& name, std::uint64_t runs, std::uint64_t seed) {
  const std::vector<Bytes> seeds = fuzz::seeds();
  const InputFile file(name + ".input");
  Mutator mutator(seeds, seed);
  for (std::uint64_t i = 0; i < seeds.size() + runs; ++i) {
    const Bytes input = i < seeds.size() ? seeds[i] : mutator.next();
    file.write(input);
    LLVMFuzzerTestOneInput(input.data(), input.size());
  }
  std::printf("%s: %zu seeds and %llu random inputs, nothing found\n", name.c_str(), seeds.size(),
              static_cast<unsigned long long>(runs));
}

}  // namespace

int main(int count, char** arguments) {
  std::uint64_t runs = 10'000, seed = 1;
  bool files = false;
  for (int i = 1; i < count; ++i) {
    const std::string_view argument = arguments[i];
    if (argument.starts_with("-runs=")) {
      runs = std::strtoull(arguments[i] + 6, nullptr, 10);
    } else if (argument.starts_with("-seed=")) {
      seed = std::strtoull(arguments[i] + 6, nullptr, 10);
    } else {
      run_file(arguments[i]);
      files = true;
    }
  }
  if (!files) run(std::filesystem::path(arguments[0]).filename().string(), runs, seed);
}
