#include "management_server/runs/option_renaming.h"

#include <map>

#include "management_server/database/columns.h"
#include "management_server/runs/run_options.h"

namespace coffer {

void renameAgentInOptions(SqlDatabase& database, const std::string& name,
                          const std::string& fresh) {
    std::map<std::int64_t, std::map<std::string, std::string>> changed;
    SqlStatement rows = database.prepare("SELECT number,options FROM runs WHERE kind IN (?,?)");
    bindText(rows, 1, run_kind::copy);
    bindText(rows, 2, run_kind::rehearsal);
    while (rows.step()) {
        auto options = decodeMap(rows.blob(1));
        const auto only = options.find(onlyAgentOption);
        if (only == options.end() || only->second != name) continue;
        only->second = fresh;
        changed.emplace(rows.integer(0), std::move(options));
    }
    SqlStatement row = database.prepare("UPDATE runs SET options=? WHERE number=?");
    for (const auto& [number, options] : changed) {
        row.bind(1, encodeMap(options)).bind(2, number).run();
    }
}

}  // namespace coffer
