# Fails when an installed header includes what the package does not ask for: the libraries that only
# the compiled part needs. Run by CTest with COMPILER, INCLUDES and PREFIX.
file(GLOB_RECURSE headers ${PREFIX}/include/autograd/*.hpp ${PREFIX}/include/optim/*.hpp)
list(FILTER headers EXCLUDE REGEX /third_party/)
if(NOT headers)
  message(FATAL_ERROR "No headers in ${PREFIX}/include")
endif()
list(TRANSFORM INCLUDES PREPEND -I)
execute_process(
  COMMAND ${COMPILER} -std=c++20 -M -I${PREFIX}/include ${INCLUDES} ${headers}
  OUTPUT_VARIABLE included RESULT_VARIABLE result)
if(result)
  message(FATAL_ERROR "The installed headers do not compile")
endif()
foreach(library fmt xsimd xflens xtensor-blas openblas)
  if(included MATCHES "[^ ]*/${library}/[^ ]*")
    message(FATAL_ERROR "An installed header includes ${CMAKE_MATCH_0}")
  endif()
endforeach()
