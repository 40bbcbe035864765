#include "core/update/version_record.h"

#include <array>
#include <charconv>
#include <sstream>

#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer {

namespace {

using End = VersionRecord::End;

constexpr std::size_t longestMessage = 500;

// Cut first: half a character is made printable, too.
std::string told(const std::string& why) {
    return printable(why.substr(0, longestMessage));
}

void endTrial(VersionRecord& record, const Version& version) {
    if (record.trial != version) return;
    record.trial.reset();
    record.trials = 0;
}

void put(std::ostream& out, const char* name, const VersionRecord::Staged& version) {
    if (version) out << name << ' ' << version->text() << '\n';
}

std::uint32_t countOf(std::string_view text) {
    std::uint32_t count = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, count);
    if (error != std::errc() || stop != end) {
        throw Error(ErrorCode::corrupt, "record of versions: a count is none");
    }
    return count;
}

// "1.4.0 why it failed"
VersionRecord::Outcome outcomeOf(std::string_view text, End end) {
    const std::size_t space = text.find(' ');
    return {Version::parse(text.substr(0, space)), end,
            space == text.npos ? "" : std::string(text.substr(space + 1))};
}

void take(VersionRecord& record, std::string_view name, std::string_view value) {
    if (name == "current") record.current = Version::parse(value);
    if (name == "previous") record.previous = Version::parse(value);
    if (name == "trial") record.trial = Version::parse(value);
    if (name == "trials") record.trials = countOf(value);
    if (name == "starts") record.starts = countOf(value);
    if (name == "highest") record.highest = Version::parse(value);
    for (const End end : {End::succeeded, End::failed, End::refused}) {
        if (name == nameOf(end)) record.outcome = outcomeOf(value, end);
    }
}

}  // namespace

std::string_view nameOf(End end) {
    constexpr std::array<std::string_view, 3> names{"succeeded", "failed", "refused"};
    return names.at(static_cast<std::size_t>(end));
}

void VersionRecord::requireNewer(const Version& offered, const Version& running) const {
    if (offered <= running) {
        throw Error(ErrorCode::conflict, "version " + offered.text() + " is not newer than " +
                                             running.text() + ", which this agent has");
    }
    if (offered < highest) {
        throw Error(ErrorCode::conflict, "version " + offered.text() + " is older than " +
                                             highest.text() + ", which this agent has had");
    }
}

void VersionRecord::beginTrial(const Version& version) {
    trial = version;
    trials = 0;
    outcome.reset();
}

bool VersionRecord::tryAgain() {
    if (trials >= mostTrials) {
        fail(*trial, "it was tried " + std::to_string(trials) +
                         " times, and each time the computer or the agent went down");
        return false;
    }
    ++trials;
    return true;
}

void VersionRecord::confirm(const Version& version) {
    if (trial != version) return;
    trial.reset();
    trials = 0;
    starts = 0;
    previous = current;
    current = version;
    if (highest < version) highest = version;
    outcome = Outcome{version, End::succeeded, ""};
}

void VersionRecord::fail(const Version& version, const std::string& why) {
    endTrial(*this, version);
    if (current == version) {
        current = previous == version ? std::nullopt : previous;
        previous.reset();
        starts = 0;
    }
    outcome = Outcome{version, End::failed, told(why)};
}

void VersionRecord::refuse(const Version& version, const std::string& why) {
    endTrial(*this, version);
    outcome = Outcome{version, End::refused, told(why)};
}

bool VersionRecord::start() {
    if (starts >= mostStarts) {
        fail(*current,
             "it was started " + std::to_string(starts) + " times, and each time it ended soon");
        return false;
    }
    ++starts;
    return true;
}

void VersionRecord::prefer(const Version& installed) {
    if (trial && *trial <= installed) trial.reset();
    if (current && *current <= installed) {
        current.reset();
        starts = 0;
    }
    if (!current || (previous && *previous <= installed)) previous.reset();
}

bool VersionRecord::needs(const Version& version) const {
    return current == version || previous == version || trial == version;
}

std::string VersionRecord::encode() const {
    std::ostringstream out;
    put(out, "current", current);
    put(out, "previous", previous);
    put(out, "trial", trial);
    if (trials > 0) out << "trials " << trials << '\n';
    if (starts > 0) out << "starts " << starts << '\n';
    put(out, "highest", highest);
    if (outcome) {
        out << nameOf(outcome->end) << ' ' << outcome->version.text();
        if (!outcome->message.empty()) out << ' ' << outcome->message;
        out << '\n';
    }
    return out.str();
}

VersionRecord VersionRecord::decode(std::string_view text) {
    try {
        VersionRecord record;
        while (!text.empty()) {
            const std::size_t end = text.find('\n');
            const std::string_view line = text.substr(0, end);
            const std::size_t space = line.find(' ');
            if (end == text.npos || space == line.npos) {
                throw Error(ErrorCode::corrupt, "a line is cut");
            }
            take(record, line.substr(0, space), line.substr(space + 1));
            text.remove_prefix(end + 1);
        }
        return record;
    } catch (const Error& error) {
        throw Error(ErrorCode::corrupt, std::string("record of versions: ") + error.what());
    }
}

}  // namespace coffer
