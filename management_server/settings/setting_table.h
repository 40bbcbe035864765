#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/repository/sqlite.h"

namespace coffer {

/// So many changes of settings are remembered.
inline constexpr std::uint64_t keptSettingChanges = 10'000;

/// What has been done to a setting at run time.
struct SettingMade {
    std::string value;  // with isSet
    bool isSet = false;
    std::int64_t version = 0;  // number of the last change; 0: there was none
    Timestamp changed;
    std::string changedBy;
};
using SettingsMade = std::map<std::string, SettingMade>;  // by name

/// A change of a setting.
struct SettingEdit {
    std::int64_t number = 0;
    Timestamp time;
    std::string user;
    std::string name;
    std::string before;  // what counted
    std::string after;
    std::string origin;  // of `after`: "panel", or after a reset "file" or "default"
};

/// Values of settings that administrators have set, and the changes that led there, in server.db.
/// Within ServerDatabase::change or read.
class SettingTable {
  public:
    explicit SettingTable(SqlDatabase& database) : database_(database) {}

    SettingsMade all();

    /// Enters a change; its number, which it gives, is the version of the setting from then on.
    /// With origin "panel" the value is set, otherwise there is none any more.
    std::int64_t enter(const SettingEdit& edit);

    /// Newest first, below number `before` (0: from the newest); of all settings when `name` is
    /// empty.
    std::vector<SettingEdit> history(const std::string& name, std::int64_t before,
                                     std::uint32_t atMost);

  private:
    SqlDatabase& database_;
};

/// The values that are set, by name.
std::map<std::string, std::string> valuesOf(const SettingsMade& made);

/// The same of a database; none in a database of before there were such.
std::map<std::string, std::string> valuesSetIn(SqlDatabase& database);

}  // namespace coffer
