# fmt: error messages; lines that the examples print.
# Targets: fmt::fmt-header-only (the library: nothing for its users to link), fmt::fmt (examples)
find_package(fmt CONFIG QUIET)
if(TARGET fmt::fmt-header-only)
  message(STATUS "fmt: ${fmt_VERSION} in ${fmt_DIR}")
else()
  # Recipes of two Linux distributions, build files of a dozen projects
  autograd_fetch_headers(fmt::fmt-header-only autograd_fmt
    https://github.com/fmtlib/fmt/archive/refs/tags/11.2.0.tar.gz
    bc23066d87ab3168f27cef3e97d545fa63314f5c79df5ea444d41d56f962c6af)
  target_compile_definitions(fmt::fmt-header-only INTERFACE FMT_HEADER_ONLY=1)
  add_library(fmt::fmt ALIAS fmt::fmt-header-only)
endif()
