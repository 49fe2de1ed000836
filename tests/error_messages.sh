#!/bin/sh
# Every error message of the library must stand in a test, with its full text:
# sh tests/error_messages.sh [root of the project]
#
# Collects the texts of fail(op, "text", ...) and of throw std::...("text" + ...) in the sources,
# and looks for each among the string literals of the tests, where anything may stand for the {} of
# the text.
set -eu
cd "${1:-.}"

sources=$(find autograd optim -name '*.hpp' -o -name '*.cpp' |
  grep -v '^autograd/base/error\.' | sort)
tests=$(find tests -name '*.cpp' | sort)

# shellcheck disable=SC2086  # lists of words
awk '
  BEGIN { quote = "\001" }

  # Without comments and escapes; literals that follow each other are one.
  function plain(line) {
    if (line ~ /^[ \t]*\/\//) return ""
    gsub(/\\"/, quote, line)
    gsub(/\\n/, " ", line)
    return line " "
  }
  function joined(text) {
    gsub(/"[ \t]*"/, "", text)
    return text
  }

  # All literals up to the end of the statement, as one text with {} between them.
  function literals_of_statement(text, literal, result) {
    while (match(text, /^[^";]*"[^"]*"/)) {
      literal = substr(text, 1, RLENGTH)
      sub(/^[^"]*"/, "", literal)
      sub(/"$/, "", literal)
      result = result (result == "" ? "" : "{}") literal
      text = substr(text, index(text, "\"") + length(literal) + 2)
    }
    return result (text ~ /^ *\+/ ? "{}" : "")
  }

  function add_message(text) {
    if (!(text in file_of)) message[++messages] = text
    file_of[text] = source
  }

  # fail(op, "text", ...) with op a literal or not.
  function add_fail(rest, op) {
    op = "{}"
    if (rest ~ /^"/) op = substr(rest, 2, index(substr(rest, 2), "\"") - 1)
    if (!match(rest, /^("[^"]*"|[^"(),]*), *"/)) return
    rest = substr(rest, RLENGTH + 1)
    add_message(op ": " substr(rest, 1, index(rest, "\"") - 1))
  }

  function collect_messages(text) {
    text = joined(text)
    while (match(text, /(fail|fail<[^>(]*>|throw std::[a-z_]+)\(/)) {
      start = substr(text, RSTART, RLENGTH)
      text = substr(text, RSTART + RLENGTH)
      if (start ~ /^fail/) add_fail(text)
      else add_message(literals_of_statement(text))
    }
  }

  function collect_literals(text) {
    text = joined(text)
    while ((i = index(text, "\"")) > 0) {
      text = substr(text, i + 1)
      i = index(text, "\"")
      literal[++literals] = substr(text, 1, i - 1)
      text = substr(text, i + 1)
    }
  }

  # True when the literal is the message, or its end after an op that the test adds.
  function fits(candidate, text, parts, n, i, at) {
    if (substr(candidate, 1, 2) == ": " && (at = index(text, ": ")) > 0) text = substr(text, at)
    n = split(text, parts, /\{[^}]*\}/)
    if (index(candidate, parts[1]) != 1) return 0
    candidate = substr(candidate, length(parts[1]) + 1)
    for (i = 2; i <= n; i++) {
      if (i == n) {
        at = length(candidate) - length(parts[n])
        return at >= 0 && substr(candidate, at + 1) == parts[n]
      }
      at = index(candidate, parts[i])
      if (at == 0) return 0
      candidate = substr(candidate, at + length(parts[i]))
    }
    return candidate == ""
  }

  FNR == 1 && source != "" { collected() }
  FNR == 1 { source = FILENAME; text = "" }
  { text = text plain($0) }
  function collected() {
    if (source ~ /^tests\//) collect_literals(text)
    else collect_messages(text)
  }

  END {
    collected()
    for (m = 1; m <= messages; m++) {
      found = 0
      for (l = 1; l <= literals && !found; l++) found = fits(literal[l], message[m])
      if (found) continue
      shown = message[m]
      gsub(quote, "\"", shown)
      print file_of[message[m]] ": no test expects the message: " shown
      bad = 1
    }
    if (messages < 50) { print "only " messages " messages found: are they written in another way?"; bad = 1 }
    if (!bad) print messages " messages, all of them tested."
    exit bad
  }
' $sources $tests
