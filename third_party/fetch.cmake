# Second choice for a dependency that is not installed: its pinned release archive, by SHA-256.
#
# How the hashes were checked: each stands in at least two independent package recipes for the very
# same archive (named beside the hash). Where Debian ships the archive unchanged, it also equals the
# checksum of the .orig.tar.gz in Debian's signed index.
include(FetchContent)

# autograd_fetch_headers(<target> <name> <url> <sha256>)
# Downloads an archive and makes its include/ directory the imported target <target>; nothing of the
# archive's own build files is run. Sets <name>_SOURCE_DIR for the caller.
function(autograd_fetch_headers target name url sha256)
  message(STATUS "${target}: not installed, taking ${url}")
  FetchContent_Declare(${name} URL ${url} URL_HASH SHA256=${sha256} SOURCE_SUBDIR no_build_files)
  FetchContent_MakeAvailable(${name})
  add_library(${target} INTERFACE IMPORTED GLOBAL)
  target_include_directories(${target} INTERFACE ${${name}_SOURCE_DIR}/include)
  set(${name}_SOURCE_DIR ${${name}_SOURCE_DIR} PARENT_SCOPE)
endfunction()
