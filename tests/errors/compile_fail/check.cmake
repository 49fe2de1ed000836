# One SOURCE that must not compile. Its first line is a comment with the regular expression that the
# first error of the compiler must match, and the offending lines stand in #ifdef MUST_NOT_COMPILE:
#
#   // error: mixes float and double
#
# Several ways to go wrong stand in #if MUST_NOT_COMPILE == 1, #elif MUST_NOT_COMPILE == 2, ...; the
# second line says how many they are:
#
#   // cases: 3
#
# Without that macro the file must compile: so it is the offending lines that fail, nothing else.
cmake_minimum_required(VERSION 3.22)

file(STRINGS "${SOURCE}" first_line LIMIT_COUNT 1)
if(NOT first_line MATCHES "^// error: (.+)$")
  message(FATAL_ERROR "${SOURCE}: the first line must be `// error: <regular expression>`")
endif()
set(expected "${CMAKE_MATCH_1}")
file(STRINGS "${SOURCE}" cases REGEX "^// cases: [0-9]+$")
if(cases)
  string(REGEX REPLACE "[^0-9]" "" cases "${cases}")
else()
  set(cases 1)
endif()

set(ENV{LC_ALL} C)
set(command "${COMPILER}" -std=c++20 -fsyntax-only)
foreach(directory IN LISTS INCLUDES)
  if(directory)
    list(APPEND command -I "${directory}")
  endif()
endforeach()

execute_process(COMMAND ${command} "${SOURCE}" RESULT_VARIABLE result ERROR_VARIABLE output)
if(NOT result EQUAL 0)
  message("${output}")
  message(FATAL_ERROR "${SOURCE}: must compile without MUST_NOT_COMPILE")
endif()

foreach(case RANGE 1 ${cases})
  execute_process(COMMAND ${command} -DMUST_NOT_COMPILE=${case} "${SOURCE}"
    RESULT_VARIABLE result ERROR_VARIABLE output)
  if(result EQUAL 0)
    message(FATAL_ERROR "${SOURCE}: compiles with MUST_NOT_COMPILE=${case}, and must not")
  endif()
  string(REGEX MATCH "error: [^\n]*" first_error "${output}")
  if(NOT first_error MATCHES "${expected}")
    message("${output}")
    message(FATAL_ERROR
      "${SOURCE}: the compiler's first error with MUST_NOT_COMPILE=${case} does not match "
      "`${expected}`")
  endif()
endforeach()
