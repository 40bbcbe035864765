#include "management_panel/cli/listing.h"

#include <algorithm>

#include "core/console/output.h"
#include "core/rpc/convert.h"
#include "management_panel/cli/entry_view.h"

namespace coffer::cli {

namespace {

std::string joined(const std::string& folder, const std::string& name) {
    if (name.empty()) return folder;
    return folder.ends_with('/') ? folder + name : folder + "/" + name;
}

}  // namespace

Listing::Listing(std::ostream& out, Form form, std::string folder, const CancelToken& cancel)
    : out_(out), form_(form), folder_(std::move(folder)), cancel_(cancel), array_(out) {}

void Listing::add(const Coffer::Entry& entry) {
    cancel_.check();
    if (streaming_) return print(rpc::textOf(entry.name), entry);
    waiting_.push_back(entry);
    if (waiting_.size() <= sortedUpTo) return;
    streaming_ = true;
    flush();
}

void Listing::addBelow(const std::string& path, const Coffer::Entry& entry) {
    cancel_.check();
    print(path, entry);
}

void Listing::finish() {
    std::ranges::sort(waiting_, {},
                      [](const Coffer::Entry& entry) { return rpc::textOf(entry.name); });
    flush();
    if (form_.json) array_.finish();
    checkOutput(out_);
}

void Listing::flush() {
    for (const Coffer::Entry& entry : waiting_) print(rpc::textOf(entry.name), entry);
    waiting_.clear();
}

void Listing::print(const std::string& path, const Coffer::Entry& entry) {
    if (form_.json) {
        Json object = Json::object();
        putOctets(object, "path", joined(folder_, path));
        object.update(jsonOf(entry));
        array_.add(object);
    } else {
        const std::string text = nameText(entry, path);
        out_ << (form_.details ? longText(entry, text) : text) << '\n';
    }
    checkOutput(out_);
}

}  // namespace coffer::cli
