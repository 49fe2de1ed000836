# Catch2, for the tests: 2.13 or 3.
# Target: Catch2::Catch2WithMain
find_package(Catch2 CONFIG QUIET)
if(TARGET Catch2::Catch2WithMain)
  message(STATUS "Catch2: ${Catch2_VERSION} in ${Catch2_DIR}")
else()
  # Spack, Chimera Linux; equal to Debian's catch2_3.7.1.orig.tar.gz
  message(STATUS "Catch2: not installed, taking 3.7.1 from GitHub")
  FetchContent_Declare(Catch2
    URL https://github.com/catchorg/Catch2/archive/refs/tags/v3.7.1.tar.gz
    URL_HASH SHA256=c991b247a1a0d7bb9c39aa35faf0fe9e19764213f28ffba3109388e62ee0269c)
  set(CMAKE_CXX_STANDARD 20)  # what it can print depends on the standard; the tests have C++20
  FetchContent_MakeAvailable(Catch2)
endif()
