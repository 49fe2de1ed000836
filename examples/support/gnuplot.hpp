#pragma once

#include <filesystem>
#include <string>

namespace examples {

/// Lets gnuplot run `script`; what the script plots goes to `picture`. False when gnuplot is not
/// installed, or failed: no picture is left behind then. `program` is for tests.
bool run_gnuplot(const std::string& script, const std::filesystem::path& picture,
                 const std::string& program = "gnuplot");

}  // namespace examples
