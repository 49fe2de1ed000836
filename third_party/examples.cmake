# What only the examples need: command lines and image files.
# Targets: CLI11::CLI11, PNG::PNG, JPEG::JPEG, examples_deps::webp (with its animation encoder)
find_package(CLI11 CONFIG QUIET)
if(TARGET CLI11::CLI11)
  message(STATUS "CLI11: ${CLI11_VERSION} in ${CLI11_DIR}")
else()
  # Conan Center, Homebrew, xmake
  autograd_fetch_headers(CLI11::CLI11 autograd_cli11
    https://github.com/CLIUtils/CLI11/archive/refs/tags/v2.4.2.tar.gz
    f2d893a65c3b1324c50d4e682c0cdc021dd0477ae2c048544f39eed6654b699a)
endif()

# The image libraries read untrusted files, and the system keeps them patched: never downloaded.
find_package(PNG QUIET)
find_package(JPEG QUIET)
find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
  pkg_check_modules(WEBP QUIET IMPORTED_TARGET libwebp libwebpmux)
endif()
set(missing "")
if(NOT TARGET PNG::PNG)
  list(APPEND missing "libpng (Debian: libpng-dev)")
endif()
if(NOT TARGET JPEG::JPEG)
  list(APPEND missing "libjpeg-turbo (Debian: libjpeg-dev)")
endif()
if(NOT PkgConfig_FOUND)
  list(APPEND missing "pkg-config (Debian: pkgconf)")
elseif(NOT TARGET PkgConfig::WEBP)
  list(APPEND missing "libwebp with libwebpmux (Debian: libwebp-dev)")
endif()
if(missing)
  list(JOIN missing ", " missing)
  message(FATAL_ERROR "The examples need libraries of the system that are missing: ${missing}. "
    "Install them, or configure with -DAUTOGRAD_BUILD_EXAMPLES=OFF.")
endif()
add_library(examples_deps::webp ALIAS PkgConfig::WEBP)
