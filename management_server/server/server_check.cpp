#include "management_server/server/server_check.h"

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "core/base/printable.h"
#include "core/rpc/store/handed_over.h"
#include "core/trust/private_file.h"
#include "management_server/check/clock_check.h"
#include "management_server/check/database_check.h"
#include "management_server/check/permission_check.h"
#include "management_server/check/repository_check.h"
#include "management_server/server/own_files.h"
#include "management_server/server/server_certificates_check.h"
#include "management_server/server/server_settings.h"

namespace coffer {

namespace {

/// One look at a server, part by part.
class ServerCheck {
  public:
    explicit ServerCheck(const CheckOrder& order)
        : order_(order), state_(order.folder.path()), now_(order.clock.now()) {}

    Findings run() {
        const DatabaseFacts facts = checkDatabase(order_.folder.databaseFile());
        lookAtSettings(facts);
        findings_.push_back(facts.finding);
        lookAtSetSettings(facts);
        lookAtMail(facts);
        lookAtClock(facts);
        lookAtCertificates(facts);
        add("permissions", "", [&] {
            return checkPermissions(state_, foldersOfOthers(), settings_.storeAddress.has_value());
        });
        lookAtSecrets();
        lookAtSpace("space for the state", state_);
        const bool runs = serverRuns();
        for (const RepositoryRecord& record : facts.repositories) {
            lookAtRepository(record, runs, facts.lastEvent);
        }
        return std::move(findings_);
    }

  private:
    template <class Work>
    void add(const std::string& subject, const std::string& advice, Work&& work) {
        findings_.push_back(foundBy(subject, advice, std::forward<Work>(work)));
    }

    SettledSettings settle(const DatabaseFacts& facts) const {
        const SettingsFile files(order_.settingsFiles, ServerSettings::rules());
        return settleServerSettings(files, facts.settings);
    }

    // With those that were set: files may lack what they have.
    void lookAtSettings(const DatabaseFacts& facts) {
        constexpr const char* subject = "settings";
        const std::string advice = "correct it; 'coffer-server print-config' shows all settings";
        add(subject, advice, [&]() -> Finding {
            std::string unknown;
            for (const std::string& file : order_.settingsFiles) {
                for (const auto& name : SettingsFile::unknownNames(file, ServerSettings::rules())) {
                    unknown +=
                        (unknown.empty() ? "" : ", ") + printable(name) + " in " + printable(file);
                }
            }
            if (!unknown.empty()) {
                return {FindingLevel::error, subject, "there is no such setting: " + unknown,
                        advice + "; the server does not start with it"};
            }
            settings_ = ServerSettings::from(settle(facts).file);
            return {FindingLevel::ok, subject, "all of them make sense"};
        });
    }

    void lookAtSetSettings(const DatabaseFacts& facts) {
        constexpr const char* subject = "settings that were set";
        if (facts.settings.empty()) return;
        add(subject, "correct the files first", [&]() -> Finding {
            const SettledSettings settled = settle(facts);
            if (settled.refused.empty()) {
                return {FindingLevel::ok, subject,
                        std::to_string(facts.settings.size()) + " count over those of the files"};
            }
            std::string unused;
            for (const auto& each : settled.refused) {
                unused += (unused.empty() ? "" : "; ") + printable(each.second);
            }
            return {FindingLevel::warning, subject, "not used: " + unused,
                    "the files or the defaults count instead; 'coffer settings set' or 'reset' "
                    "mends it"};
        });
    }

    void lookAtMail(const DatabaseFacts& facts) {
        constexpr const char* subject = "mail of tasks";
        if (facts.tasksWithMail.empty() || worstOf(findings_) == FindingLevel::error) return;
        if (settings_.notify.mail) {
            findings_.push_back({FindingLevel::ok, subject, "there is a mail server"});
            return;
        }
        findings_.push_back(
            {FindingLevel::warning, subject,
             "nobody gets it, for there is no mail.server: " + namesOf(facts.tasksWithMail),
             "set [mail] in server.ini and restart the server, or take 'mail' out "
             "of these tasks ('coffer task edit NAME mail=')"});
    }

    void lookAtClock(const DatabaseFacts& facts) {
        add("clock", "", [&] {
            namespace fs = std::filesystem;
            std::optional<Timestamp> newest;
            for (const auto& entry : fs::directory_iterator(state_)) {
                std::error_code gone;  // a server beside this makes and removes files
                const auto time = entry.last_write_time(gone);
                if (gone) continue;
                // File times count from an epoch of their own.
                const auto written = std::chrono::file_clock::to_sys(time);
                const auto seconds =
                    std::chrono::duration_cast<std::chrono::seconds>(written.time_since_epoch());
                newest = std::max(newest, std::optional(Timestamp{seconds.count(), 0}));
            }
            // What has been looked at since the check began may be newer than that.
            return checkClock(order_.clock.now(), facts.lastEvent, newest);
        });
    }

    void lookAtCertificates(const DatabaseFacts& facts) {
        const Findings found = checkServerCertificates(order_.folder, facts.agents, now_);
        findings_.insert(findings_.end(), found.begin(), found.end());
    }

    // Rehearsals restore into it, with whatever owners and modes. A store beside the server is
    // another user.
    std::vector<std::string> foldersOfOthers() const {
        std::vector<std::string> folders{state_ + "/scratch"};
        if (!settings_.scratch.empty()) folders.push_back(settings_.scratch);
        if (settings_.storeAddress) {
            const rpc::HandedOver given(state_);
            folders.insert(folders.end(), {given.folder, given.repositories});
        }
        return folders;
    }

    void lookAtSecrets() {
        try {
            const SettingsFile file(order_.settingsFiles, ServerSettings::rules());
            for (const std::string& setting : settingsOfFiles()) {
                const std::string path = file.text(setting);
                if (path.empty() || setting.ends_with(".ca-file")) continue;
                add(setting, "put the secret there, alone, with mode 0600",
                    [&] { return checkSecretFile(setting, path); });
            }
        } catch (const Error&) {
            // The settings have been told of.
        }
    }

    void lookAtSpace(const std::string& subject, const std::string& folder) {
        add(subject, "see whether the disk is there",
            [&] { return checkSpace(subject, folder, order_.space(folder)); });
    }

    bool serverRuns() const {
        try {
            return FileLock::isHeld(state_ + "/lock");
        } catch (const Error&) {
            return false;
        }
    }

    void lookAtRepository(const RepositoryRecord& record, bool runs,
                          std::optional<Timestamp> lastEvent) {
        const bool wants = settings_.selfBackup.wants(record.name);
        Findings found = checkRepository(
            record, {order_.folder.disk(), state_, runs, wants, lastEvent, order_.clock.now()});
        const bool there = found.front().level == FindingLevel::ok;
        findings_.insert(findings_.end(), found.begin(), found.end());
        if (!there) return;
        const std::string name = printable(record.name);
        lookAtSpace("space of " + name, record.folder);
        add("owner of " + name, "",
            [&] { return checkOwner("owner of " + name, record.folder, state_); });
    }

    const CheckOrder& order_;
    const std::string state_;
    const Timestamp now_;
    ServerSettings settings_;  // the defaults when those of the files make no sense
    Findings findings_;
};

}  // namespace

Findings checkServer(const CheckOrder& order) {
    return ServerCheck(order).run();
}

}  // namespace coffer
