#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "idl/common.hh"
#include "idl/objects.hh"

namespace coffer::rpc {

// Octets.
Coffer::Octets toOctets(ByteView data);
ByteView viewOf(const Coffer::Octets& octets);  // valid as long as the sequence
Bytes toBytes(const Coffer::Octets& octets);

template <class IdType>
requires requires(const IdType& id) {
    id.bytes.size();
}
Coffer::Octets toOctets(const IdType& id) {
    return toOctets(ByteView(id.bytes));
}

/// Throws Error(invalidArgument) when the length is not the id's.
template <class IdType>
IdType toId(const Coffer::Octets& octets) {
    IdType id;
    if (octets.length() != id.bytes.size()) {
        throw Error(ErrorCode::invalidArgument, "an id of " + std::to_string(octets.length()) +
                                                    " octets instead of " +
                                                    std::to_string(id.bytes.size()));
    }
    std::copy_n(octets.get_buffer(), id.bytes.size(), id.bytes.begin());
    return id;
}

// Names and paths. The checks throw Error(invalidArgument), bounded in what they say.
constexpr std::size_t longestName = 4096;
constexpr std::size_t longestPath = 1 << 20;
Coffer::PathOctets toPath(std::string_view text);
std::string textOf(const Coffer::PathOctets& octets);          // as it is
std::string toName(const Coffer::PathOctets& octets);          // one part, checked
std::string toAbsolutePath(const Coffer::PathOctets& octets);  // "/a/b", checked
std::vector<std::string> toAbsolutePaths(const Coffer::Paths& paths);
Coffer::Paths toPaths(const std::vector<std::string>& paths);

Coffer::Strings toStrings(const std::vector<std::string>& texts);
std::vector<std::string> toTexts(const Coffer::Strings& strings);

/// A sequence with an element for each of a container, made of it by `make`.
template <class Sequence, class Container, class Make>
Sequence sequenceOf(const Container& values, Make&& make) {
    Sequence sequence;
    sequence.length(static_cast<CORBA::ULong>(values.size()));
    CORBA::ULong at = 0;
    for (const auto& value : values) sequence[at++] = make(value);
    return sequence;
}

// Settings.
using SettingMap = std::map<std::string, std::string>;
Coffer::Settings toSettings(const SettingMap& map);
SettingMap toMap(const Coffer::Settings& settings);
std::uint64_t numberIn(const SettingMap& map, const std::string& name, std::uint64_t otherwise);
bool truthIn(const SettingMap& map, const std::string& name, bool otherwise);
std::string textIn(const SettingMap& map, const std::string& name,
                   const std::string& otherwise = {});

// Times.
Coffer::Moment toMoment(Timestamp time);
Coffer::Moment toMoment(const std::optional<Timestamp>& time);  // unknown for nothing
Coffer::Moment unknownMoment();
Timestamp toTimestamp(const Coffer::Moment& moment);  // Error(invalidArgument)

}  // namespace coffer::rpc
