#include "core/agent/result_spool.h"

#include <charconv>
#include <string_view>

#include "core/agent/line_splitter.h"
#include "core/base/error.h"
#include "core/service/log.h"

namespace coffer {

namespace {

constexpr std::uint64_t largestResult = 16 << 20;
constexpr std::string_view prefix = "run-";

std::string nameOf(const ResultSpool::Key& key) {
    return std::string(prefix) + std::to_string(key.first) + "-" + std::to_string(key.second);
}

template <class Number>
bool parse(std::string_view text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
}

// Inverse of nameOf.
std::optional<ResultSpool::Key> keyOf(std::string_view name) {
    if (!name.starts_with(prefix)) return std::nullopt;
    name.remove_prefix(prefix.size());
    const std::size_t hyphen = name.find('-');
    ResultSpool::Key key;
    if (hyphen == name.npos || !parse(name.substr(0, hyphen), key.first) ||
        !parse(name.substr(hyphen + 1), key.second) || key.first <= 0 || key.second == 0) {
        return std::nullopt;
    }
    return key;
}

// The lines that a worker would have written: problems, then the result.
std::string encode(const RunReport& report) {
    std::string lines;
    for (const WorkerProblem& problem : report.problems) lines += encodeReport(problem);
    return lines + encodeReport(report.result);
}

RunReport decode(const ResultSpool::Key& key, ByteView text) {
    RunReport report;
    report.run = key.first;
    report.attempt = key.second;
    bool complete = false;
    LineSplitter lines(largestResult);
    const auto each = [&](const LineSplitter::Line& line) {
        WorkerReport part = decodeReport(line.text);
        if (auto* problem = std::get_if<WorkerProblem>(&part)) {
            report.problems.push_back(std::move(*problem));
        } else if (auto* result = std::get_if<WorkerResult>(&part)) {
            report.result = std::move(*result);
            complete = true;
        }
    };
    lines.feed(text, each);
    lines.finish(each);
    if (!complete) throw Error(ErrorCode::corrupt, "it holds no result");
    return report;
}

// Whether reading it again would give the same.
bool isAboutContent(const Error& error) {
    return error.code() == ErrorCode::corrupt || error.code() == ErrorCode::invalidArgument ||
           error.code() == ErrorCode::limitExceeded;
}

}  // namespace

ResultSpool::ResultSpool(ObjectStore& store) : store_(store) {
    std::vector<std::string> names;
    store_.list("", [&](std::string_view name, std::uint64_t) { names.emplace_back(name); });
    for (const std::string& name : names) {
        const auto key = keyOf(name);
        if (!key) continue;
        try {
            RunReport report = decode(*key, readAll(store_, name, largestResult));
            reports_.with([&](auto& reports) { reports.emplace(*key, std::move(report)); });
        } catch (const Error& error) {
            if (!isAboutContent(error)) throw;
            log(LogLevel::error, "result.unreadable", {{"name", name}, {"error", error.what()}});
            store_.remove(name);
        }
    }
}

void ResultSpool::add(RunReport report) {
    const Key key{report.run, report.attempt};
    try {
        store_.put(nameOf(key), bytesOf(encode(report)));
    } catch (const Error& error) {
        log(LogLevel::error, "result.not-spooled",
            {{"run", std::to_string(key.first)}, {"error", error.what()}});
    }
    reports_.with([&](auto& reports) { reports.insert_or_assign(key, std::move(report)); });
}

void ResultSpool::remove(const Key& key) {
    const bool known = reports_.with([&](auto& reports) { return reports.erase(key) > 0; });
    if (known && store_.size(nameOf(key))) store_.remove(nameOf(key));
}

bool ResultSpool::contains(const Key& key) const {
    return reports_.with([&](const auto& reports) { return reports.contains(key); });
}

std::vector<ResultSpool::Key> ResultSpool::keys() const {
    return reports_.with([&](const auto& reports) {
        std::vector<Key> keys;
        for (const auto& entry : reports) keys.push_back(entry.first);
        return keys;
    });
}

std::optional<RunReport> ResultSpool::get(const Key& key) const {
    return reports_.with([&](const auto& reports) -> std::optional<RunReport> {
        const auto found = reports.find(key);
        if (found == reports.end()) return std::nullopt;
        return found->second;
    });
}

}  // namespace coffer
