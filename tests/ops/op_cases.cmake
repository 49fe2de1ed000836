# The table of operations, for tests and benchmarks.
set(OP_CASES_SOURCES
  op_cases.cpp
  op_cases_arranging.cpp
  op_cases_averages.cpp
  op_cases_binary.cpp
  op_cases_changes.cpp
  op_cases_comparisons.cpp
  op_cases_conv.cpp
  op_cases_decompositions.cpp
  op_cases_elements.cpp
  op_cases_elementwise.cpp
  op_cases_indexing.cpp
  op_cases_joining.cpp
  op_cases_linalg.cpp
  op_cases_matrix_functions.cpp
  op_cases_norms.cpp
  op_cases_order.cpp
  op_cases_products.cpp
  op_cases_reductions.cpp
  op_cases_sequences.cpp
  op_cases_shapes.cpp
  op_cases_statistics.cpp
  op_cases_unary.cpp
  op_reference.cpp
  op_runs.cpp
)
list(TRANSFORM OP_CASES_SOURCES PREPEND ${CMAKE_CURRENT_LIST_DIR}/)
