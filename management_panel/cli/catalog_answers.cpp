#include "management_panel/cli/catalog_answers.h"

#include <algorithm>
#include <iostream>

#include "core/console/exit_codes.h"
#include "core/console/output.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/snapshot_view.h"
#include "management_panel/client/pages.h"

namespace coffer::cli {

Coffer::CatalogState printAnswers(Coffer::FileCatalog_ptr catalog, const CatalogQuestion& question,
                                  FoundEntries& entries, const CancelToken& cancel) {
    Coffer::CatalogState_var state;
    const Coffer::CatalogIterator_var rest = rpc::call("search the catalogue", [&] {
        return Coffer::CatalogIterator_var(catalog->find(
            question.repository.c_str(), rpc::toPath(question.pattern), rpc::toPath(question.below),
            rpc::toSettings(question.options), state.out()));
    });
    client::forEachPage<Coffer::CatalogIterator, Coffer::CatalogVersions>(
        "search the catalogue", rest, [&](const Coffer::CatalogVersions& page) {
            cancel.check();
            for (CORBA::ULong i = 0; i < page.length(); ++i) entries.add(page[i]);
            checkOutput(std::cout);
        });
    return state.in();
}

int warnOfUnread(const Coffer::CatalogState& state, CORBA::ULong unread,
                 const OutputOptions& options) {
    constexpr CORBA::ULong mostNamed = 4;
    if (unread == 0) return exitSuccess;
    std::string names;
    for (CORBA::ULong i = 0; i < std::min(state.unread.length(), mostNamed); ++i) {
        names += (i == 0 ? "" : ", ") + shortName(state.unread[i].in());
    }
    if (unread > mostNamed) names += " …";
    Reporter(options).warn(std::to_string(unread) + (unread == 1 ? " snapshot" : " snapshots") +
                           " are not in the catalogue yet, nor in this answer: " + names);
    return exitWarnings;
}

}  // namespace coffer::cli
