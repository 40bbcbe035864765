#include "management_server/repositories/pack_rereader.h"

#include <limits>
#include <utility>

#include "core/base/error.h"
#include "core/pipeline/pack_check.h"
#include "core/service/log.h"

namespace coffer {

namespace {

constexpr std::int64_t daySeconds = 86'400;
constexpr Timestamp ever{std::numeric_limits<std::int64_t>::max(), 0};

// What was read later than so many seconds ahead was read by a clock that was wrong: it is due.
constexpr std::int64_t clockSlack = 3'600;

void logFailure(const std::string& repository, const char* message) {
    log(LogLevel::error, "reread.failed", {{"repository", repository}, {"message", message}});
}

}  // namespace

Timestamp dueAt(const PackProof& last, unsigned days) {
    const auto& octets = last.pack.bytes;
    const std::int64_t spread = octets[0] * 256 + octets[1];  // ids are random
    const std::int64_t half = daySeconds * days / 2;
    return {last.read.seconds + half + half * spread / 65'536, last.read.nanoseconds};
}

PackRereader::PackRereader(Parts parts)
    : parts_(std::move(parts)),
      background_(
          [this] {
              for (const std::string& name : parts_.names()) readDue(name);
          },
          [](const std::exception& error) { logFailure("", error.what()); }) {
    if (parts_.days > 0) background_.start();
}

void PackRereader::look() {
    if (parts_.days > 0) background_.ask();
}

void PackRereader::stop() {
    cancel_.request();
    background_.stop();
}

void PackRereader::readDue(const std::string& name) {
    try {
        const auto repository = parts_.repositories.open(name);
        const Timestamp now = parts_.clock.now();
        for (const PackProof& last : repository->ledger().readBefore(ever)) {
            const bool isAhead = last.read.seconds > now.seconds + clockSlack;
            if (!isAhead && dueAt(last, parts_.days) > now) continue;
            cancel_.check();
            read(*repository, name, last.pack);
        }
    } catch (const Error& error) {
        if (error.code() != ErrorCode::cancelled) logFailure(name, error.what());
    } catch (const std::exception& error) {
        logFailure(name, error.what());
    }
}

void PackRereader::read(Repository& repository, const std::string& name, const PackId& pack) {
    const auto info = repository.ledger().pack(pack);
    if (!info) return;
    const PackVerdict verdict =
        judgePack(repository, *info, [this](std::uint64_t) { cancel_.check(); });
    if (verdict.unread) return logFailure(name, verdict.unread->what());
    // It may have been condemned or removed meanwhile, or found damaged by somebody else.
    if (repository.ledger().stateOf(pack) != PackState::verified) return;
    if (!verdict.damage) {
        const PackProof proof[] = {{pack, parts_.clock.now(), true}};
        repository.ledger().note(proof);
        return;
    }
    // Nor may a pack come back that a prune gives up at this moment.
    repository.recordChosen([&]() -> std::vector<ManifestPayload> {
        if (repository.ledger().stateOf(pack) != PackState::verified) return {};
        return {PackStateRecord{pack, PackState::suspect}};
    });
    const std::string message = verdict.damage->what();
    log(LogLevel::error, "pack.damaged",
        {{"repository", name}, {"pack", pack.hex()}, {"message", message}});
    parts_.damaged({name, pack, info->registration.agent, message});
}

}  // namespace coffer
