# Writes a C++ file that holds the bytes of a file:
#   cmake -DINPUT=<file> -DOUTPUT=<file.cpp> -DNAME=<function> -P embed.cmake
# The function is examples::<NAME>(); data/files.hpp declares it.
file(READ "${INPUT}" bytes HEX)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
string(REGEX REPLACE "(................................................................................)"
  "\\1\n" bytes "${bytes}")
file(WRITE "${OUTPUT}" "#include \"examples/data/files.hpp\"

namespace examples {
namespace {
constexpr std::uint8_t bytes[] = {
${bytes}};
}  // namespace

std::span<const std::uint8_t> ${NAME}() { return bytes; }

}  // namespace examples
")
