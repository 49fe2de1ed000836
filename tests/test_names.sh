#!/bin/sh
# Checks the names of tests and their tags: sh tests/test_names.sh [root of the project]
#
# The first tag is the folder, more say what the test is about; a name is there once, and does not
# begin with a tag.
set -eu
cd "${1:-.}"

# shellcheck disable=SC2046  # a list of words
awk '
  function complain(text) {
    print FILENAME ":" line ": " text
    bad = 1
  }
  function check(text, name, tags, folder, first) {
    folder = FILENAME
    sub(/^tests\//, "", folder)
    sub(/\/.*/, "", folder)
    if (!match(text, /^"([^"\\]|\\.)*"([ \t]*"([^"\\]|\\.)*")*/)) return
    name = substr(text, 1, RLENGTH)
    gsub(/"[ \t]*"/, "", name)
    tags = substr(text, RLENGTH + 1)
    tags = match(tags, /^, *"[^"]*"/) ? substr(tags, 1, RLENGTH) : ""
    if (index(tags, "\"[" folder "]") == 0) complain("the first tag of " name " must be [" folder "]")
    if (name in seen) complain(name " is the name of a test in " seen[name] ", too")
    seen[name] = FILENAME
    first = name
    sub(/^"/, "", first)
    if (sub(/: .*/, "", first)) {
      gsub(/ /, "_", first)
      if (index(tags, "[" first "]")) complain(name " begins with its tag")
    }
    count++
  }
  # A test case may go on in the next lines.
  /^(TEMPLATE_)?TEST_CASE\(/ {
    line = FNR
    text = $0
    sub(/^[A-Z_]*\( */, "", text)
    while (text !~ /[{]$/ && (getline more) > 0) {
      sub(/^ */, " ", more)
      text = text more
    }
    sub(/^ */, "", text)
    check(text)
  }
  END {
    if (count < 500) {
      print "only " count " tests found: are they written in another way?"
      bad = 1
    }
    if (!bad) print count " tests, named and tagged."
    exit bad
  }
' $(find tests -mindepth 2 -name 'test_*.cpp' | sort)
