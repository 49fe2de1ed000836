# xtensor (and xtl, on which it stands): the arrays that users hand in and get back. 0.24 or later.
# Target: xtensor
find_package(xtensor CONFIG QUIET)
if(TARGET xtensor)
  message(STATUS "xtensor: ${xtensor_VERSION} in ${xtensor_DIR}")
else()
  # Spack, Homebrew, xmake
  set(xtensor_VERSION 0.27.1)
  autograd_fetch_headers(xtensor autograd_xtensor
    https://github.com/xtensor-stack/xtensor/archive/refs/tags/0.27.1.tar.gz
    117c192ae3b7c37c0156dedaa88038e0599a6b264666c3c6c2553154b500fe23)
  # Homebrew, xmake
  autograd_fetch_headers(xtl autograd_xtl
    https://github.com/xtensor-stack/xtl/archive/refs/tags/0.8.2.tar.gz
    8fb38d6a5856aab5740d2ccb3d791d289f648d4cc506b94a1338fe5fce100c11)
  target_link_libraries(xtensor INTERFACE xtl)
  # An installed autograd needs the same headers again, so they are installed beside it.
  set(AUTOGRAD_BRINGS_XTENSOR TRUE)
  install(DIRECTORY ${autograd_xtensor_SOURCE_DIR}/include/xtensor
    ${autograd_xtl_SOURCE_DIR}/include/xtl DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/autograd/third_party)
endif()
