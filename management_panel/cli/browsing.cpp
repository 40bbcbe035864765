#include "management_panel/cli/browsing.h"

#include <algorithm>
#include <iostream>

#include "core/console/exit_codes.h"
#include "core/console/output.h"
#include "core/console/snapshot_path.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/entry_view.h"
#include "management_panel/cli/listing.h"
#include "management_panel/cli/wire_text.h"
#include "management_panel/client/agent_tree.h"
#include "management_panel/client/pages.h"
#include "management_panel/client/read_ahead.h"

namespace coffer::cli {

namespace {

constexpr const char* unreadable = "problem";

Warning warningOf(const Coffer::Settings& more, const std::string& path = {}) {
    return {path, errorCodeOf(valueOf(more, "code")), shown(valueOf(more, unreadable))};
}

int exitCodeFor(std::uint64_t problems) {
    return problems > 0 ? exitWarnings : exitSuccess;
}

// Calls `take` for what was found, and warns of what could not be looked into.
template <class Take>
std::uint64_t forEachFinding(Coffer::FindingIterator_ptr rest, const OutputOptions& options,
                             const CancelToken& cancel, const Take& take) {
    Reporter reporter(options);
    std::uint64_t problems = 0;
    client::forEachPage<Coffer::FindingIterator, Coffer::Findings>(
        "search", rest, [&](const Coffer::Findings& page) {
            cancel.check();
            for (CORBA::ULong i = 0; i < page.length(); ++i) {
                if (has(page[i].attributes.more, unreadable)) {
                    reporter.warn(warningOf(page[i].attributes.more, rpc::textOf(page[i].where)));
                    ++problems;
                } else {
                    take(page[i]);
                }
            }
            checkOutput(std::cout);
        });
    return problems;
}

char letterOf(std::string_view change) {
    if (change == "added") return '+';
    if (change == "removed") return '-';
    if (change == "content") return 'M';
    if (change == "attributes") return 'A';
    if (change == "type") return 'T';
    return '?';
}

void print(const Coffer::Difference& difference, JsonArray& array, bool json) {
    const std::string path = rpc::textOf(difference.where);
    if (json) {
        Json object = Json::object();
        putOctets(object, "change", difference.change.in());
        putOctets(object, "path", path);
        object.update(jsonOf(difference.attributes));
        array.add(object);
    } else {
        std::cout << letterOf(difference.change.in()) << ' '
                  << nameText(difference.attributes, path) << '\n';
    }
}

}  // namespace

Coffer::SnapshotInfo Browsing::get(const std::string& snapshot) const {
    const Coffer::SnapshotInfo_var info = rpc::call("look up the snapshot", [&] {
        return Coffer::SnapshotInfo_var(manager_->get(repository_.c_str(), snapshot.c_str()));
    });
    return info.in();
}

int Browsing::list(Origin origin) const {
    Coffer::SnapshotInfos_var list = rpc::call("list the snapshots", [&] {
        return Coffer::SnapshotInfos_var(manager_->list(repository_.c_str()));
    });
    if (options_.json) {
        JsonArray array(std::cout);
        for (CORBA::ULong i = 0; i < list->length(); ++i) {
            const bool cut = has(list[i].more, "paths") || has(list[i].more, "excludes") ||
                             has(list[i].more, "filters");
            array.add(jsonOf(cut ? get(list[i].id.in()) : list[i], origin));
        }
        array.finish();
    } else if (list->length() == 0) {
        std::cout << "No snapshots yet.\n";
    } else {
        printTable(std::cout, list, origin);
    }
    Reporter reporter(options_);
    std::uint64_t problems = 0;
    for (CORBA::ULong i = 0; i < list->length(); ++i) {
        if (!has(list[i].more, unreadable)) continue;
        reporter.warn(warningOf(list[i].more));
        ++problems;
    }
    return exitCodeFor(problems);
}

int Browsing::listFolder(const std::string& place, Form form) const {
    const SnapshotPath what = snapshotPath(place);
    const Coffer::PathOctets path = rpc::toPath(what.path);
    const Coffer::Entry_var entry = rpc::call("look at the snapshot", [&] {
        return Coffer::Entry_var(manager_->stat(repository_.c_str(), what.snapshot.c_str(), path));
    });
    if (isFolder(entry) && form.recursive) {
        return exitCodeFor(listTree(what.snapshot, what.path, form));
    }
    Listing listing(std::cout, {options_.json, form.details},
                    isFolder(entry) ? what.path : client::parentOf(what.path), cancel_);
    if (isFolder(entry)) {
        Coffer::EntryIterator_var rest;
        const Coffer::Entries_var first = rpc::call("list the snapshot", [&] {
            return Coffer::Entries_var(manager_->content(repository_.c_str(), what.snapshot.c_str(),
                                                         path, client::pageLength, rest.out()));
        });
        client::forEachEntry(first, rest, [&](const Coffer::Entry& found) { listing.add(found); });
    } else {
        listing.add(entry);
    }
    listing.finish();
    return exitSuccess;
}

std::uint64_t Browsing::listTree(const std::string& snapshot, const std::string& path,
                                 Form form) const {
    const Coffer::FindingIterator_var rest = rpc::call("list the snapshot", [&] {
        return Coffer::FindingIterator_var(
            manager_->walk(repository_.c_str(), snapshot.c_str(), rpc::toPath(path)));
    });
    Listing listing(std::cout, {options_.json, form.details}, path, cancel_);
    const std::size_t above = path.ends_with('/') ? path.size() : path.size() + 1;
    const std::uint64_t problems =
        forEachFinding(rest, options_, cancel_, [&](const Coffer::Finding& found) {
            const std::string where = rpc::textOf(found.where);
            listing.addBelow(where.substr(std::min(above, where.size())), found.attributes);
        });
    listing.finish();
    return problems;
}

int Browsing::find(const std::string& pattern, const std::vector<std::string>& snapshots) const {
    FoundEntries entries(std::cout, options_.json);
    const int code = findMore(pattern, rpc::toStrings(snapshots), entries,
                              [](const Coffer::Finding&) { return true; });
    entries.finish();
    return code;
}

int Browsing::findMore(const std::string& pattern, const Coffer::Strings& snapshots,
                       FoundEntries& entries,
                       const std::function<bool(const Coffer::Finding&)>& shows) const {
    const Coffer::FindingIterator_var rest = rpc::call("search", [&] {
        return Coffer::FindingIterator_var(
            manager_->search(repository_.c_str(), snapshots, pattern.c_str()));
    });
    return exitCodeFor(forEachFinding(rest, options_, cancel_, [&](const Coffer::Finding& found) {
        if (shows(found)) entries.add(found);
    }));
}

int Browsing::compare(const std::string& before, const std::string& after) const {
    const SnapshotPath old = snapshotPath(before);
    const SnapshotPath now = snapshotPath(after);
    const Coffer::DifferenceIterator_var rest = rpc::call("compare", [&] {
        return Coffer::DifferenceIterator_var(
            manager_->compare(repository_.c_str(), old.snapshot.c_str(), rpc::toPath(old.path),
                              now.snapshot.c_str(), rpc::toPath(now.path)));
    });
    JsonArray array(std::cout);
    client::forEachPage<Coffer::DifferenceIterator, Coffer::Differences>(
        "compare", rest, [&](const Coffer::Differences& page) {
            cancel_.check();
            for (CORBA::ULong i = 0; i < page.length(); ++i) print(page[i], array, options_.json);
            checkOutput(std::cout);
        });
    if (options_.json) array.finish();
    return exitSuccess;
}

int Browsing::writeOut(const std::string& place) const {
    const SnapshotPath what = snapshotPath(place);
    // "latest" may become another one while this one is read.
    const std::string id = get(what.snapshot).id.in();
    const Coffer::PathOctets path = rpc::toPath(what.path);
    const Coffer::Entry_var entry = rpc::call("look at the file", [&] {
        return Coffer::Entry_var(manager_->stat(repository_.c_str(), id.c_str(), path));
    });
    const auto fetch = [&](std::uint64_t offset, std::uint32_t length) {
        return rpc::call("read", [&] {
            return client::Piece(
                manager_->read(repository_.c_str(), id.c_str(), path, offset, length));
        });
    };
    client::readAhead(
        fetch, [](ByteView data) { writeOctets(std::cout, data); }, cancel_, requests_);
    if (!conditionIs(entry, "changed-while-read")) return exitSuccess;
    Reporter(options_).warn({what.path, ErrorCode::conflict, "changed while it was backed up"});
    return exitWarnings;
}

}  // namespace coffer::cli
