// libFuzzer has its own main and takes seeds from a folder: they are written to one in the current
// directory, named after the program.
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/fuzz/target.hpp"

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
  static std::string folder = std::filesystem::path(**arguments).filename().string() + ".corpus";
  static std::vector<char*> list(*arguments, *arguments + *count);
  for (int i = 1; i < *count; ++i) {
    if (list[static_cast<std::size_t>(i)][0] != '-') return 0;  // files or folders of the caller
  }
  std::filesystem::create_directory(folder);
  int number = 0;
  for (const fuzz::Bytes& seed : fuzz::seeds()) {
    std::ofstream file(std::filesystem::path(folder) / ("seed" + std::to_string(number++)),
                       std::ios::binary);
    file.write(reinterpret_cast<const char*>(seed.data()), std::ssize(seed));
  }
  list.push_back(folder.data());
  *count = static_cast<int>(list.size());
  list.push_back(nullptr);
  *arguments = list.data();
  return 0;
}
