/// The declarations of the public operations, read from the headers.
#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace op_cases {

struct Declaration {
  std::string name;
  std::string section;  ///< the comment "// ---- section ---" above it, if there is one
};

/// The functions of a header in autograd/ that have one of these result types.
inline std::vector<Declaration> declarations(const std::string& header,
                                             const std::vector<std::string>& results) {
  std::ifstream file(std::filesystem::path(SOURCE_DIR) / "autograd" / header);
  std::vector<Declaration> list;
  std::string section;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("// ---- ")) section = line.substr(8, line.find(" --", 8) - 8);
    for (const std::string& result : results) {
      const std::size_t end = line.find('(');
      if (!line.starts_with(result + ' ') || end == std::string::npos) continue;
      list.push_back({line.substr(result.size() + 1, end - result.size() - 1), section});
    }
  }
  return list;
}

/// The operations of ops.inc and numpy.inc.
inline std::vector<Declaration> operations() {
  const std::vector<std::string> results = {"V", "std::vector<V>", "xt::xarray<Index>",
                                            "std::vector<xt::xarray<Index>>", "bool"};
  std::vector<Declaration> all = declarations("ops.inc", results);
  for (const Declaration& each : declarations("numpy.inc", results)) all.push_back(each);
  return all;
}

}  // namespace op_cases
