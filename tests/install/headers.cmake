# Fails when an installed header does not compile by itself, or includes what the package does not
# ask for: the libraries that only the compiled part needs. Run by CTest with COMPILER, INCLUDES,
# PREFIX and SCRATCH, a directory for files that are written.
file(GLOB_RECURSE headers RELATIVE ${PREFIX}/include
  ${PREFIX}/include/autograd/*.hpp ${PREFIX}/include/optim/*.hpp)
list(FILTER headers EXCLUDE REGEX /third_party/)
if(NOT headers)
  message(FATAL_ERROR "No headers in ${PREFIX}/include")
endif()
list(TRANSFORM INCLUDES PREPEND -I)
file(MAKE_DIRECTORY ${SCRATCH})

foreach(header IN LISTS headers)
  file(WRITE ${SCRATCH}/one.cpp "#include <${header}>\n")
  execute_process(
    COMMAND ${COMPILER} -std=c++20 -UXTENSOR_USE_XSIMD -fsyntax-only -MD -MF ${SCRATCH}/one.d
      -I${PREFIX}/include ${INCLUDES} ${SCRATCH}/one.cpp
    ERROR_VARIABLE errors RESULT_VARIABLE result)
  if(result)
    message(FATAL_ERROR "${header} does not compile by itself:\n${errors}")
  endif()
  file(READ ${SCRATCH}/one.d included)
  foreach(library fmt xsimd xflens xtensor-blas openblas)
    if(included MATCHES "[^ ]*/${library}/[^ ]*")
      message(FATAL_ERROR "${header} includes ${CMAKE_MATCH_0}")
    endif()
  endforeach()
endforeach()
