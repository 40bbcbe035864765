#include "management_server/run_archive/kept_run.h"

#include "core/base/error.h"
#include "core/base/wire.h"
#include "core/repository/envelope.h"
#include "core/repository/run_object.h"

namespace coffer {

namespace {

constexpr std::uint8_t formVersion = 1;
constexpr std::size_t longestText = 16'384;
constexpr std::size_t headRoom = 40'000;  // is left to the summary
constexpr std::size_t shortestEntry = 7;

Bytes encodeEntry(const RunLogEntry& entry) {
    WireWriter writer;
    writer.varint(entry.number);
    writer.time(entry.time);
    writer.u8(static_cast<std::uint8_t>(entry.level));
    writer.sized(entry.code.substr(0, longestText));
    writer.sized(entry.where.substr(0, RunLogEntry::longestPath));
    writer.sized(entry.message.substr(0, longestText));
    return writer.take();
}

RunLogEntry decodeEntry(WireReader& reader, std::int64_t run) {
    RunLogEntry entry;
    entry.run = run;
    entry.number = reader.varint();
    entry.time = reader.time();
    const std::uint8_t level = reader.u8();
    if (level > static_cast<std::uint8_t>(LogLevel::error)) {
        throw Error(ErrorCode::corrupt, "the level of an entry");
    }
    entry.level = static_cast<LogLevel>(level);
    entry.code = reader.text(longestText);
    entry.where = reader.text(RunLogEntry::longestPath);
    entry.message = reader.text(longestText);
    return entry;
}

}  // namespace

Bytes encodeKeptRun(const KeptRun& run) {
    std::vector<Bytes> entries;  // newest first
    std::size_t octets = 0;
    for (auto at = run.entries.rbegin(); at != run.entries.rend(); ++at) {
        Bytes entry = encodeEntry(*at);
        if (octets + entry.size() > runLimit - headRoom) break;
        octets += entry.size();
        entries.push_back(std::move(entry));
    }
    WireWriter writer;
    writer.u8(formVersion);
    writer.time(run.ordered);
    writer.time(run.ended);
    writer.sized(run.summary.substr(0, longestText));
    writer.varint(run.leftOut + run.entries.size() - entries.size());
    writer.varint(entries.size());
    for (auto at = entries.rbegin(); at != entries.rend(); ++at) writer.raw(*at);
    return writer.take();
}

KeptRun decodeKeptRun(ByteView data, std::int64_t number) {
    WireReader reader(data);
    checkVersion(reader.u8(), formVersion);
    KeptRun run;
    run.ordered = reader.time();
    run.ended = reader.time();
    run.summary = reader.text(longestText);
    run.leftOut = reader.varint();
    const std::size_t count = reader.count(shortestEntry, "entries of a log");
    run.entries.reserve(count);
    for (std::size_t i = 0; i < count; ++i) run.entries.push_back(decodeEntry(reader, number));
    reader.expectEnd();
    return run;
}

}  // namespace coffer
