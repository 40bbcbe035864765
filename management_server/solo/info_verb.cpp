#include <iostream>
#include <map>

#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/console/format.h"
#include "core/console/json.h"
#include "core/console/reporter.h"
#include "core/console/table.h"
#include "core/repository/config_format.h"
#include "core/repository/owner.h"
#include "management_server/solo/damage_view.h"
#include "management_server/solo/place.h"
#include "management_server/solo/verbs.h"

namespace coffer::solo {

namespace {

constexpr std::int64_t proofDays = 30;

struct Facts {
    std::map<PackState, PackTotals> packs;
    PackTotals all;
    std::uint64_t chunks = 0;
    std::uint64_t snapshots = 0;
    ProofSummary proof;  // of the last 30 days
    bool owner = false;  // this machine may write
};

Facts collect(Place& place) {
    Repository& repository = place.repository();
    Facts facts;
    for (const PackState state :
         {PackState::received, PackState::verified, PackState::suspect, PackState::condemned}) {
        const PackTotals totals = repository.ledger().totals(state);
        if (totals.packs > 0) facts.packs[state] = totals;
        facts.all.packs += totals.packs;
        facts.all.bytes += totals.bytes;
    }
    for (const SnapshotInfo& snapshot : repository.ledger().snapshots()) {
        if (snapshot.isShown()) ++facts.snapshots;
    }
    Timestamp since = place.clock().now();
    since.seconds -= proofDays * 86'400;
    facts.proof = repository.ledger().proofSummary(since);
    facts.chunks = repository.index().chunkCount();
    facts.owner = readOwner(repository.store(), repository.config().server).owner ==
                  ServerState::load(place.state().keys()).owner;
    return facts;
}

void print(Place& place, const Facts& facts) {
    const RepositoryConfig& config = place.repository().config();
    FactTable table;
    table.add("repository", printable(place.folder()));
    table.add("id", config.repositoryId.hex());
    table.add("copy", place.repository().storeId().hex());
    table.add("format", std::to_string(config_format::formatVersion));
    table.add("created", timeText(config.created));
    table.add("keys and state", printable(place.state().path()));
    table.add("recovery kit", place.repository().kitConfirmed()
                                  ? "confirmed"
                                  : "NOT CONFIRMED: backups are refused until it is");
    table.add("owner", facts.owner ? "this machine"
                                   : "another machine has taken it over; this one can only read");
    table.add("snapshots", countText(facts.snapshots));
    table.add("packs", countText(facts.all.packs) + ", " + sizeText(facts.all.bytes));
    for (const auto& [state, count] : facts.packs) {
        table.add("  " + std::string(nameOf(state)),
                  countText(count.packs) + ", " + sizeText(count.bytes));
    }
    table.add("chunks", countText(facts.chunks));
    table.add("read in full", std::to_string(facts.proof.provenPercent()) + " % within " +
                                  std::to_string(proofDays) + " days");
    if (facts.proof.oldest) table.add("longest unread", "since " + timeText(*facts.proof.oldest));
    if (facts.proof.unreadPacks > 0) {
        table.add("never read", countText(facts.proof.unreadPacks, "pack"));
    }
    table.print(std::cout);
}

void printAsJson(Place& place, const Facts& facts) {
    const RepositoryConfig& config = place.repository().config();
    Json states = Json::object();
    for (const auto& [state, count] : facts.packs) {
        states[std::string(nameOf(state))] = {{"packs", count.packs}, {"bytes", count.bytes}};
    }
    Json object = Json::object();
    putOctets(object, "repository", place.folder());
    object["repositoryId"] = config.repositoryId.hex();
    object["storeId"] = place.repository().storeId().hex();
    object["format"] = config_format::formatVersion;
    object["created"] = toIso8601(config.created);
    putOctets(object, "state", place.state().path());
    object["kitConfirmed"] = place.repository().kitConfirmed();
    object["owner"] = facts.owner;
    object["snapshots"] = facts.snapshots;
    object["packs"] = facts.all.packs;
    object["storedBytes"] = facts.all.bytes;
    object["packStates"] = std::move(states);
    object["chunks"] = facts.chunks;
    object["proof"] = {{"days", proofDays},
                       {"provenPercent", facts.proof.provenPercent()},
                       {"provenBytes", facts.proof.provenBytes},
                       {"unreadPacks", facts.proof.unreadPacks}};
    if (facts.proof.oldest) object["proof"]["longestUnread"] = toIso8601(*facts.proof.oldest);
    printJson(std::cout, object);
}

int info(const GlobalOptions& options) {
    const auto place = Place::look(options);
    const Facts facts = collect(*place);
    options.json ? printAsJson(*place, facts) : print(*place, facts);
    return exitSuccess;
}

int rebuildIndex(const GlobalOptions& options, bool all) {
    Reporter reporter(options);
    const auto place =
        Place::rebuild(options, all ? Place::Rebuild::databases : Place::Rebuild::index);
    Repository& repository = place->repository();
    const std::vector<PackId> damaged = repository.ledger().packsIn(PackState::suspect);
    for (const PackId& pack : damaged) reporter.warn("pack " + pack.hex() + " is damaged");
    const std::uint64_t chunks = repository.index().chunkCount();
    if (options.json) {
        printJson(std::cout, {{"chunks", chunks}, {"damagedPacks", idsJson(damaged)}});
    } else if (!options.quiet) {
        std::cout << "The index was built anew: " << countText(chunks, "chunk") << ".\n";
    }
    return damaged.empty() ? exitSuccess : exitWarnings;
}

}  // namespace

void addInfo(CLI::App& app, Context& context) {
    auto* showing = app.add_subcommand("info", "Facts about the repository");
    showing->footer("Example:\n  coffer-solo --repo /backup/repo info");
    showing->callback([&] { context.job = [&] { return info(context.options); }; });

    auto* rebuilding =
        app.add_subcommand("rebuild-index", "Build the index of chunks anew from the packs");
    const auto all = std::make_shared<bool>(false);
    rebuilding->add_flag(
        "--all", *all,
        "Build repo.db anew too: forgets how far this machine has seen the manifest");
    rebuilding->footer(
        "The index is kept in the state folder for speed; the repository itself holds all that is\n"
        "in it. To be used when a database there is damaged or was lost.\n\n"
        "Example:\n  coffer-solo --repo /backup/repo rebuild-index");
    rebuilding->callback([&context, all] {
        context.job = [&context, all] { return rebuildIndex(context.options, *all); };
    });
}

}  // namespace coffer::solo
