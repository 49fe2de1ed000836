# CTest: the consumer project against an installed library, and with the library as a part of it.
# Both keep their build directory, so only the first run compiles everything.
set(prefix ${CMAKE_CURRENT_BINARY_DIR}/install/prefix)

add_test(NAME install
  COMMAND ${CMAKE_COMMAND} --install ${PROJECT_BINARY_DIR} --config $<CONFIG> --prefix ${prefix})
set_tests_properties(install PROPERTIES FIXTURES_SETUP installed)

add_test(NAME installed_headers
  COMMAND ${CMAKE_COMMAND}
    -D "COMPILER=${CMAKE_CXX_COMPILER}"
    -D "INCLUDES=$<TARGET_PROPERTY:xtensor,INTERFACE_INCLUDE_DIRECTORIES>"
    -D "PREFIX=${prefix}"
    -D "SCRATCH=${CMAKE_CURRENT_BINARY_DIR}/install/headers"
    -P ${CMAKE_CURRENT_SOURCE_DIR}/install/headers.cmake)
set_tests_properties(installed_headers PROPERTIES FIXTURES_REQUIRED installed TIMEOUT 600)

# add_consumer_test(<name> <cache entry>...)
function(add_consumer_test name)
  add_test(NAME ${name}
    COMMAND ${CMAKE_CTEST_COMMAND}
      --build-and-test ${CMAKE_CURRENT_SOURCE_DIR}/install ${CMAKE_CURRENT_BINARY_DIR}/install/${name}
      --build-generator ${CMAKE_GENERATOR} --build-noclean
      --build-options
        -DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER}
        ${ARGN}
      --test-command consumer)
  set_tests_properties(${name} PROPERTIES TIMEOUT 900 PASS_REGULAR_EXPRESSION "gradient is right")
endfunction()

add_consumer_test(find_package "-DCMAKE_PREFIX_PATH=${prefix}\;${CMAKE_PREFIX_PATH}")
set_tests_properties(find_package PROPERTIES FIXTURES_REQUIRED installed)

# This compiles the library once more: without optimisation, which is much cheaper, only in the first
# run, and as a shared library, which shows its users no more than they include.
add_consumer_test(add_subdirectory
  -DBUILD_SHARED_LIBS=ON
  -DAUTOGRAD_SOURCE_DIRECTORY=${PROJECT_SOURCE_DIR}
  -DAUTOGRAD_NATIVE=OFF
  "-DCMAKE_PREFIX_PATH=${CMAKE_PREFIX_PATH}"
  "-DFETCHCONTENT_BASE_DIR=${FETCHCONTENT_BASE_DIR}")
set_tests_properties(add_subdirectory PROPERTIES
  ENVIRONMENT MAKEFLAGS=-j2 COST 1000)
