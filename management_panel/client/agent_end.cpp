#include "management_panel/client/agent_end.h"

#include "core/base/printable.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_panel/client/read_ahead.h"

namespace coffer::client {

namespace {

CopyItem::Kind kindOf(const Coffer::Entry& entry) {
    const std::string_view kind = entry.kind.in();
    if (kind == "file") return CopyItem::Kind::file;
    return kind == "folder" ? CopyItem::Kind::folder : CopyItem::Kind::other;
}

class AgentWriter : public CopyWriter {
  public:
    AgentWriter(Coffer::File_var file, std::string path)
        : file_(std::move(file)), path_(std::move(path)) {}

    void append(ByteView data) override {
        while (!data.empty()) {
            const ByteView piece = data.first(std::min<std::size_t>(data.size(), pieceLength));
            rpc::call(printable(path_).c_str(),
                      [&] { file_->write(written_, rpc::toOctets(piece)); });
            written_ += piece.size();
            data = data.subspan(piece.size());
        }
    }

    void finish() override {}

    void abandon() override {
        try {
            file_->erase(false);
        } catch (...) {
            // The agent may be away; what was wrong is being told already.
        }
    }

  private:
    Coffer::File_var file_;
    const std::string path_;
    std::uint64_t written_ = 0;
};

}  // namespace

std::optional<CopyItem> AgentEnd::look(const std::string& path) {
    const auto entry = tree_.look(path);
    if (!entry) return {};
    return CopyItem{lastPartOf(path), kindOf(entry->in())};
}

void AgentEnd::list(const std::string& path, const std::function<void(const CopyItem&)>& take) {
    // A name becomes part of a path on the other side: no agent may lead out of there.
    tree_.list(path, [&](const Coffer::Entry& entry) {
        take({rpc::toName(entry.name), kindOf(entry)});
    });
}

void AgentEnd::read(const std::string& path, const std::function<void(ByteView)>& take,
                    const CancelToken& cancel) {
    const Coffer::File_var file = tree_.file(path);
    const auto fetch = [&](std::uint64_t offset, std::uint32_t length) {
        return readPiece(file, offset, length);
    };
    during(printable(path), [&] { readAhead(fetch, take, cancel); });
}

std::unique_ptr<CopyWriter> AgentEnd::create(const std::string& path) {
    return std::make_unique<AgentWriter>(tree_.createFile(path), path);
}

void AgentEnd::makeFolder(const std::string& path) {
    tree_.createFolder(path);
}

}  // namespace coffer::client
