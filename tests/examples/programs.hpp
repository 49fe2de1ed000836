/// Runs the example programs as a user would, and reads what they leave behind.
#pragma once

#include <sys/wait.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/examples/image_files.hpp"
#include "tests/support/catch.hpp"

namespace programs {

using image_files::TemporaryFolder;

struct Outcome {
  int code = -1;
  std::string out;
  std::string errors;
};

inline std::string text_of(const std::filesystem::path& path) {
  const image_files::Bytes bytes = image_files::read(path);
  return {bytes.begin(), bytes.end()};
}

/// Runs an example with these arguments; --out and --json are added: FOLDER/out and FOLDER/json.
inline Outcome run(const std::string& name, const TemporaryFolder& folder,
                   const std::string& arguments) {
  const auto quoted = [&](const char* file) { return "'" + (folder / file).string() + "'"; };
  const std::string command = "'" PROGRAMS "/" + name + "' --out " + quoted("out") + " --json " +
                              quoted("json") + " " + arguments + " > " + quoted("stdout") + " 2> " +
                              quoted("stderr");
  const int status = std::system(command.c_str());
  return {WEXITSTATUS(status), text_of(folder / "stdout"), text_of(folder / "stderr")};
}

inline std::string json_of(const TemporaryFolder& folder) { return text_of(folder / "json"); }

/// A number of the JSON object; NaN for null.
inline double figure(const std::string& json, const std::string& key) {
  const std::size_t at = json.find("\"" + key + "\": ");
  INFO("figure " << key << " in " << json);
  REQUIRE(at != std::string::npos);
  const std::string value = json.substr(at + key.size() + 4);
  return value.substr(0, 4) == "null" ? NAN : std::stod(value);
}

}  // namespace programs
