#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/console/json.h"
#include "core/console/table.h"
#include "idl/common.hh"

namespace coffer::cli {

// What came over the wire, made fit for people and for JSON. Nothing in here trusts it.

/// Made safe to show; what the sender has made safe already stays as it is.
std::string shown(std::string_view text);

/// Nothing for a moment that is unknown or makes no sense.
std::optional<Timestamp> momentOf(const Coffer::Moment& moment);
std::string momentText(const Coffer::Moment& moment);  // "-" when unknown
Json momentJson(const Coffer::Moment& moment);         // null when unknown

std::vector<std::string> pathsOf(const Coffer::Paths& paths);
std::string listText(const std::vector<std::string>& paths);  // "/a, /b", printable

/// The value of a setting; empty when it is missing.
std::string valueOf(const Coffer::Settings& settings, std::string_view name);
bool has(const Coffer::Settings& settings, std::string_view name);

/// The octets of a printable value: exact when the sender has told them in hex, too.
std::string octetsOf(const Coffer::Settings& settings, std::string_view name);

/// A decimal number and nothing else.
std::optional<std::uint64_t> numberIn(std::string_view text);

/// A decimal value; nothing when it is missing or no number.
std::optional<std::uint64_t> numberOf(const Coffer::Settings& settings, std::string_view name);

/// {"readBytes": 12, …}: numbers; what is no number is left out.
Json countsJson(const Coffer::Settings& settings);

/// {"system": "Linux", …}: texts.
Json factsJson(const Coffer::Settings& settings);

/// Adds a fact with its numbers as people read them.
void addFact(FactTable& facts, const Coffer::Setting& fact);

/// "read-bytes" as JSON names it: "readBytes".
std::string camelCase(std::string_view name);

}  // namespace coffer::cli
