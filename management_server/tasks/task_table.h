#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/repository/sqlite.h"
#include "management_server/tasks/task_record.h"

namespace coffer {

/// The table `tasks` of server.db, within one transaction of ServerDatabase. What does not parse is
/// Error(corrupt).
class TaskTable {
  public:
    explicit TaskTable(SqlDatabase& database) : database_(database) {}

    std::optional<TaskRecord> find(const std::string& name);
    std::vector<TaskRecord> all();  // by name
    std::uint64_t count();

    /// Enters it, or puts it in the place of the one of its name.
    void put(const TaskRecord& task);
    void erase(const std::string& name);

    /// Tasks that name an agent name it by another name from now on; each is changed by the user.
    /// Gives those as they are now.
    std::vector<TaskRecord> renameAgent(const std::string& name, const std::string& fresh,
                                        const std::string& user, Timestamp now);

    /// Writes how far it is, if it is still there.
    void setStand(const std::string& name, const TaskStand& stand);

  private:
    SqlDatabase& database_;
};

}  // namespace coffer
