# One SOURCE that must not compile. Its first line is a comment with the regular expression that the
# compiler's output must match, and the offending lines stand in #ifdef MUST_NOT_COMPILE:
#
#   // error: mixes float and double
#
# Without that macro the file must compile: so it is the offending lines that fail, nothing else.
cmake_minimum_required(VERSION 3.22)

file(STRINGS "${SOURCE}" first_line LIMIT_COUNT 1)
if(NOT first_line MATCHES "^// error: (.+)$")
  message(FATAL_ERROR "${SOURCE}: the first line must be `// error: <regular expression>`")
endif()
set(expected "${CMAKE_MATCH_1}")

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

execute_process(COMMAND ${command} -DMUST_NOT_COMPILE "${SOURCE}"
  RESULT_VARIABLE result ERROR_VARIABLE output)
if(result EQUAL 0)
  message(FATAL_ERROR "${SOURCE}: compiles with MUST_NOT_COMPILE, and must not")
endif()
if(NOT output MATCHES "${expected}")
  message("${output}")
  message(FATAL_ERROR "${SOURCE}: the compiler's output does not match `${expected}`")
endif()
