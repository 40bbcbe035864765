#pragma once

#include <functional>
#include <string>

namespace coffer {

/// Reads the whole of a database file (quick_check of SQLite) through a connection of its own.
/// Throws Error(corrupt) when it is damaged. `look` is called all the while and may throw, to end
/// it. Others may use the file meanwhile; nobody may remove it.
void checkDatabase(const std::string& path, const std::function<void()>& look);

}  // namespace coffer
