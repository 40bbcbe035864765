#include "rescue/restorer.h"

#include <algorithm>

#include "core/base/printable.h"

namespace coffer::rescue {

namespace {

constexpr std::uint64_t xattrLimit = 4 * 1024 * 1024;

// Writes the stretches of a file that can be read and counts the others.
class FileContent : public ContentVisitor {
  public:
    FileContent(ChunkSource& chunks, FileWriter& writer) : chunks_(chunks), writer_(writer) {}

    void hole(std::uint64_t, std::uint64_t) override {}

    void chunk(std::uint64_t offset, const Extent& extent) override {
        Bytes octets;
        try {
            octets = readExtentData(chunks_, extent);
        } catch (const Error& error) {
            lost(offset, extent.length, error);
            return;
        }
        writer_.writeAt(offset, octets);
    }

    void lost(std::uint64_t offset, std::uint64_t length, const Error& why) override {
        if (lost_ == 0) first_ = "from " + std::to_string(offset) + " on: " + why.what();
        lost_ += length;
    }

    // What is lost, in a line; empty when nothing is.
    std::string damage() const {
        if (lost_ == 0) return {};
        return std::to_string(lost_) + " octets are lost and became zeros, " + first_;
    }

  private:
    ChunkSource& chunks_;
    FileWriter& writer_;
    std::uint64_t lost_ = 0;
    std::string first_;
};

std::string shown(const std::string& path) {
    return path.empty() ? "/" : printable(path);
}

}  // namespace

void Restorer::restore(const Node& node) {
    if (node.isFolder()) {
        walkTree(chunks_, node, *this, report_);
    } else {
        entry(node.name, node);
    }
    target_.sync();
}

bool Restorer::enter(const std::string& path, const Node&) {
    if (path.empty()) return true;
    return report_.attempt(shown(path), [&] { target_.makeFolder(path); });
}

void Restorer::entry(const std::string& path, const Node& node) {
    reportCondition(path, node);
    if (linkedToFirst(path, node)) return;
    report_.attempt(shown(path), [&] {
        bool whole = true;
        if (node.attributes.type == EntryType::file) {
            whole = restoreFile(path, node);
        } else {
            reportLines(path, target_.makeSpecial(path, attributesOf(path, node)));
        }
        if (node.attributes.hardLink) {
            firstNames_.try_emplace(*node.attributes.hardLink,
                                    FirstName{path, node.attributes.type, whole});
        }
    });
}

void Restorer::leave(const std::string& path, const Node& folder) {
    reportCondition(path, folder);
    report_.attempt(shown(path), [&] {
        reportLines(path, target_.finishFolder(path, attributesOf(path, folder)));
    });
}

// Makes the entry one more name of the file it shares with an entry restored before.
bool Restorer::linkedToFirst(const std::string& path, const Node& node) {
    if (!node.attributes.hardLink) return false;
    const auto first = firstNames_.find(*node.attributes.hardLink);
    if (first == firstNames_.end() || first->second.type != node.attributes.type) return false;
    const bool linked = report_.attempt(shown(path) + ": becomes a file of its own",
                                        [&] { target_.link(first->second.path, path); });
    if (linked && !first->second.whole) {
        report_.add(shown(path) + ": is as damaged as " + shown(first->second.path) +
                    ", another name of it");
    }
    return linked;
}

// Says whether all of the content could be restored.
bool Restorer::restoreFile(const std::string& path, const Node& node) {
    const Attributes attributes = attributesOf(path, node);
    const auto writer = target_.createFile(path, attributes);
    FileContent content(chunks_, *writer);
    visitContent(chunks_, node.content, attributes.size, content);
    const auto damage = content.damage();
    if (!damage.empty()) report_.add(shown(path) + ": " + damage);
    reportLines(path, writer->finish(attributes));
    return damage.empty();
}

Attributes Restorer::attributesOf(const std::string& path, const Node& node) {
    Attributes attributes = node.attributes;
    for (const XattrStream& stream : node.xattrStreams) {
        report_.attempt(shown(path) + ": extended attribute " + printable(stream.name), [&] {
            attributes.xattrs.push_back(
                {stream.name, readWhole(chunks_, stream.content, stream.size, xattrLimit)});
        });
    }
    std::sort(attributes.xattrs.begin(), attributes.xattrs.end(),
              [](const Xattr& a, const Xattr& b) { return a.name < b.name; });
    return attributes;
}

void Restorer::reportCondition(const std::string& path, const Node& node) {
    if (node.unreadable) {
        report_.add(shown(path) + ": could not be read in full when it was backed up" +
                    (node.attributes.type == EntryType::file ? "; its zeros may not be data" : ""));
    }
    if (node.otherStreams) report_.add(shown(path) + ": its alternate data streams are left out");
}

void Restorer::reportLines(const std::string& path, const std::vector<std::string>& lines) {
    for (const std::string& line : lines) report_.add(shown(path) + ": " + line);
}

}  // namespace coffer::rescue
