#include "management_server/snapshots/snapshot_forgetting.h"

#include <utility>

#include "core/base/error.h"
#include "core/service/log.h"

namespace coffer {

namespace {

constexpr const char* forgetAction = "forget-snapshot";
constexpr const char* forGoodAction = "forget-snapshot-for-good";
constexpr const char* retentionAction = "apply-retention";

using Parameters = std::map<std::string, std::string>;

Parameters parametersOf(const std::string& repository, const SnapshotId& snapshot) {
    return {{"repository", repository}, {"snapshot", snapshot.hex()}};
}

SnapshotId snapshotIn(const Request& request) {
    const Bytes id = fromHex(request.parameters.at("snapshot"));
    if (id.size() != sizeof(SnapshotId::bytes)) {
        throw Error(ErrorCode::corrupt, "a request for a snapshot that is none");
    }
    return SnapshotId::from(id);
}

// In the order in which they were given: a map sorts by name.
Parameters parametersOf(const std::string& repository, const GivenRules& rules) {
    Parameters parameters{{"repository", repository}};
    for (std::size_t i = 0; i < rules.size(); ++i) {
        parameters.emplace("rule-" + std::to_string(1000 + i),
                           rules[i].first + "=" + rules[i].second);
    }
    return parameters;
}

GivenRules rulesIn(const Request& request) {
    GivenRules rules;
    for (const auto& [name, text] : request.parameters) {
        const std::size_t at = text.find('=');
        if (!name.starts_with("rule-") || at == text.npos) continue;
        rules.emplace_back(text.substr(0, at), text.substr(at + 1));
    }
    return rules;
}

std::string shownRules(const GivenRules& rules) {
    std::string text;
    for (const auto& [name, value] : rules) text += " " + name + "=" + value;
    return text;
}

}  // namespace

RetentionRules toRules(const GivenRules& given) {
    RetentionRules rules;
    for (const auto& [name, value] : given) setRetentionRule(rules, name, value);
    return rules;
}

SnapshotForgetting::SnapshotForgetting(Parts parts) : parts_(parts) {
    if (!parts_.confirmations) return;
    parts_.confirmations->carryOut(forgetAction, [this](const Request& request) {
        forgetNow(request.user, request.parameters.at("repository"), snapshotIn(request));
    });
    parts_.confirmations->carryOut(forGoodAction, [this](const Request& request) {
        forgetForGoodNow(request.user, request.parameters.at("repository"), snapshotIn(request));
    });
    parts_.confirmations->carryOut(retentionAction, [this](const Request& request) {
        applyNow(request.user, request.parameters.at("repository"), rulesIn(request));
    });
}

void SnapshotForgetting::require(const std::string& user, const std::string& action,
                                 const std::string& subject, const Parameters& parameters) {
    if (parts_.confirmations) parts_.confirmations->require(user, action, subject, parameters);
}

void SnapshotForgetting::forget(const std::string& user, const std::string& repository,
                                const SnapshotId& snapshot) {
    require(user, forgetAction, "snapshot " + snapshot.hex() + " of " + repository,
            parametersOf(repository, snapshot));
    forgetNow(user, repository, snapshot);
}

void SnapshotForgetting::forgetForGood(const std::string& user, const std::string& repository,
                                       const SnapshotId& snapshot) {
    require(user, forGoodAction, "snapshot " + snapshot.hex() + " of " + repository,
            parametersOf(repository, snapshot));
    forgetForGoodNow(user, repository, snapshot);
}

std::vector<RetentionGroup> SnapshotForgetting::apply(const std::string& user,
                                                      const std::string& repository,
                                                      const GivenRules& rules) {
    toRules(rules);
    require(user, retentionAction, "repository " + repository + ":" + shownRules(rules),
            parametersOf(repository, rules));
    return applyNow(user, repository, rules);
}

void SnapshotForgetting::forgetNow(const std::string& user, const std::string& repository,
                                   const SnapshotId& snapshot) {
    parts_.retention.forget(*parts_.repositories.open(repository), std::span(&snapshot, 1));
    tell(user, "forgotten", repository, snapshot, "forgotten");
}

void SnapshotForgetting::forgetForGoodNow(const std::string& user, const std::string& repository,
                                          const SnapshotId& snapshot) {
    parts_.repositories.open(repository)->forget(snapshot);
    tell(user, "forgotten", repository, snapshot, "forgotten for good");
}

std::vector<RetentionGroup> SnapshotForgetting::applyNow(const std::string& user,
                                                         const std::string& repository,
                                                         const GivenRules& rules) {
    std::vector<RetentionGroup> groups = parts_.retention.apply(repository, toRules(rules));
    const std::string count = std::to_string(countForgotten(groups));
    log(LogLevel::info, "retention.applied",
        {{"repository", repository}, {"forgotten", count}, {"user", user}});
    parts_.events.add("retention-applied", repository,
                      "retention of " + repository + ": " + count + " snapshots forgotten",
                      {{"forgotten", count}, {"user", user}});
    return groups;
}

void SnapshotForgetting::tell(const std::string& user, const char* kind,
                              const std::string& repository, const SnapshotId& snapshot,
                              const std::string& what) {
    log(LogLevel::info, std::string("snapshot.") + kind,
        {{"repository", repository}, {"snapshot", snapshot.hex()}, {"user", user}});
    parts_.events.add(std::string("snapshot-") + kind, snapshot.hex(),
                      "snapshot " + snapshot.hex() + " of " + repository + " " + what,
                      {{"repository", repository}, {"user", user}});
}

}  // namespace coffer
