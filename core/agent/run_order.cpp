#include "core/agent/run_order.h"

#include "core/agent/allow_list.h"
#include "core/agent/object_path.h"
#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/storage/disk.h"

namespace coffer {

namespace {

constexpr std::size_t mostTexts = 10'000;                 // paths, patterns, options
constexpr std::size_t mostOctets = std::size_t{8} << 20;  // of all of them
constexpr std::size_t longestToken = 64 << 10;

[[noreturn]] void refuse(const std::string& why) {
    throw Error(ErrorCode::invalidArgument, "order of a run: " + why);
}

void checkSize(const RunOrder& order) {
    if (order.what.size() + order.patterns.size() + order.options.size() > mostTexts) {
        refuse("more than " + std::to_string(mostTexts) + " paths, patterns and options");
    }
    std::size_t octets = order.target.size() + order.store.size() + order.token.size();
    for (const std::string& path : order.what) octets += path.size();
    for (const std::string& pattern : order.patterns) octets += pattern.size();
    for (const auto& [name, value] : order.options) octets += name.size() + value.size();
    if (octets > mostOctets) refuse("it is too large");
    if (order.token.size() > longestToken) refuse("its token is too large");
}

void checkForm(const RunOrder& order) {
    if (order.run <= 0 || order.attempt == 0) refuse("a run and its attempts count from 1");
    checkSize(order);
    for (const std::string& path : order.what) checkObjectPath(path);
    for (const std::string& pattern : order.patterns) {
        if (pattern.find('\0') != pattern.npos) refuse("a pattern holds an octet 0");
    }
    for (const auto& [name, value] : order.options) {
        if (value.find('\0') != value.npos) refuse("an option holds an octet 0");
    }
}

}  // namespace

RunOrder checkedOrder(RunOrder order, const AllowList& allowed, Disk& disk) {
    checkForm(order);
    if (order.kind == "backup") {
        if (order.what.empty()) refuse("nothing to back up");
        allowed.checkRun(order.kind);
        for (const std::string& path : order.what) allowed.check(AllowList::Right::read, path);
    } else if (order.kind == "restore") {
        checkObjectPath(order.target);
        allowed.checkRun(order.kind);
        allowed.check(AllowList::Right::write, order.target);
        order.target = disk.canonical(order.target);
        allowed.check(AllowList::Right::write, order.target);
    } else {
        throw Error(ErrorCode::unsupported,
                    "this agent knows no run of kind '" + shownPath(order.kind) + "'");
    }
    return order;
}

}  // namespace coffer
