#include "examples/support/command_line.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <exception>
#include <optional>
#include <system_error>
#include <utility>

#include "examples/support/error.hpp"
#include "examples/support/file.hpp"

namespace examples {
namespace {

template <class T>
std::optional<T> parse_number(const std::string& text) {
  T value{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

/// A check in CLI11's form: an empty string is consent. NaN is in no range.
template <class T>
std::function<std::string(const std::string&)> in_range(const char* kind,
                                                        CommandLine::Range<T> range) {
  return [=](const std::string& text) -> std::string {
    const std::optional<T> value = parse_number<T>(text);
    if (value && *value >= range.from && *value <= range.to) return {};
    return fmt::format("'{}' is not a {} from {} to {}", text, kind, range.from, range.to);
  };
}

std::string not_empty(const std::string& text) { return text.empty() ? "the name is empty" : ""; }

int report(const std::string& program, const std::string& reason, int code) {
  std::fputs(fmt::format("{}: {}\n", program, one_line(reason)).c_str(), stderr);
  return code;
}

}  // namespace

struct CommandLine::Parser {
  CLI::App app;

  template <class T>
  void add_number(const std::string& name, T& target, const char* kind, Range<T> range,
                  const std::string& help) {
    const auto store = [&target](const std::string& text) { target = *parse_number<T>(text); };
    add(name, store, help, "NUMBER", fmt::format("{}", target))->check(in_range(kind, range));
  }

  CLI::Option* add(const std::string& name, const std::function<void(const std::string&)>& store,
                   const std::string& help, const std::string& type, const std::string& value) {
    CLI::Option* option = app.add_option_function<std::string>(name, store, help);
    return option->type_name(type)->default_str(value)->multi_option_policy(
        CLI::MultiOptionPolicy::Throw);
  }
};

CommandLine::CommandLine(std::string program, std::string purpose)
    : parser_(std::make_unique<Parser>()) {
  common_.out = std::filesystem::path("out") / program;
  parser_->app.name(std::move(program));
  parser_->app.description(std::move(purpose));
  file("--out", common_.out, "folder that receives the results");
  file("--json", common_.json, "file that receives the final figures");
  count("--seed", common_.seed, {0, UINT64_MAX}, "seed of everything random");
  flag("--quick", common_.quick, "a version of seconds, which checks its own figures");
}

CommandLine::~CommandLine() = default;

void CommandLine::file(const std::string& name, std::filesystem::path& target,
                       const std::string& help) {
  const auto store = [&target](const std::string& text) { target = text; };
  parser_->add(name, store, help, "FILE", target.string())->check(not_empty);
}

void CommandLine::number(const std::string& name, double& target, Range<double> range,
                         const std::string& help) {
  parser_->add_number(name, target, "number", range, help);
}

void CommandLine::count(const std::string& name, std::uint64_t& target, Range<std::uint64_t> range,
                        const std::string& help) {
  parser_->add_number(name, target, "whole number", range, help);
}

void CommandLine::choice(const std::string& name, std::string& target,
                         std::vector<std::string> choices, const std::string& help) {
  const auto store = [&target](const std::string& text) { target = text; };
  const auto check = [choices](const std::string& text) -> std::string {
    if (std::find(choices.begin(), choices.end(), text) != choices.end()) return {};
    return fmt::format("'{}' is none of: {}", text, fmt::join(choices, ", "));
  };
  parser_->add(name, store, help, fmt::format("{}", fmt::join(choices, "|")), target)->check(check);
}

void CommandLine::flag(const std::string& name, bool& target, const std::string& help) {
  parser_->app.add_flag(name, target, help);
}

void CommandLine::exclude(const std::string& one, const std::string& other) {
  parser_->app.get_option(one)->excludes(parser_->app.get_option(other));
}

void CommandLine::require(const std::string& one, const std::string& needed) {
  parser_->app.get_option(one)->needs(parser_->app.get_option(needed));
}

bool CommandLine::given(const std::string& name) const {
  return parser_->app.get_option(name)->count() > 0;
}

void CommandLine::parse(int argc, const char* const* argv) {
  try {
    parser_->app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::fputs(parser_->app.help().c_str(), stdout);
    throw EarlyExit{0};
  } catch (const CLI::ParseError& error) {
    throw InputError(std::string(error.what()) + " (--help explains the options)");
  }
  make_folder(common_.out);
  if (!common_.json.empty()) check_writable(common_.json);
}

int run_main(const std::string& program, const std::function<int()>& body) {
  try {
    return body();
  } catch (const EarlyExit& exit) {
    return exit.code;
  } catch (const InputError& error) {
    return report(program, error.what(), 2);
  } catch (const std::exception& error) {
    return report(program, error.what(), 1);
  }
}

}  // namespace examples
