#pragma once

#include <chrono>
#include <filesystem>
#include <string>

namespace examples {

/// Lets gnuplot run `script`, and writes what it draws to `picture`, whole or not at all. False
/// when gnuplot is not installed, failed or was not ready in time, which is told as a warning: no
/// picture is left behind then. Throws InputError when the picture cannot be written. `program` and
/// `limit` are for tests.
bool run_gnuplot(const std::string& script, const std::filesystem::path& picture,
                 const std::string& program = "gnuplot",
                 std::chrono::milliseconds limit = std::chrono::minutes(1));

}  // namespace examples
