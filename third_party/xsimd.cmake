# xsimd: vectorised exp, log, tanh, ... inside the kernels. 8.0 or later. Never seen by users.
# Target: xsimd
find_package(xsimd CONFIG QUIET)  # its package accepts a request for its own major version only
if(TARGET xsimd)
  message(STATUS "xsimd: ${xsimd_VERSION} in ${xsimd_DIR}")
else()
  # Conan Center, Homebrew, xmake; equal to Debian's xsimd_13.2.0.orig.tar.gz
  autograd_fetch_headers(xsimd autograd_xsimd
    https://github.com/xtensor-stack/xsimd/archive/refs/tags/13.2.0.tar.gz
    edd8cd3d548c185adc70321c53c36df41abe64c1fe2c67bc6d93c3ecda82447a)
endif()
