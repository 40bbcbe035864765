#include "core/pipeline/rehearsal_target.h"

namespace coffer {

namespace {

class RehearsalWriter : public FileWriter {
  public:
    explicit RehearsalWriter(std::unique_ptr<FileWriter> inner) : inner_(std::move(inner)) {}

    void writeAt(std::uint64_t offset, ByteView data) override { inner_->writeAt(offset, data); }
    std::vector<std::string> finish(const Attributes& attributes) override {
        return inner_->finish(rehearsed(attributes));
    }

  private:
    const std::unique_ptr<FileWriter> inner_;
};

}  // namespace

Attributes rehearsed(Attributes attributes) {
    attributes.inodeFlags.reset();
    if (attributes.type == EntryType::folder) attributes.mode |= 0700;
    if (attributes.type == EntryType::file) attributes.mode |= 0400;
    return attributes;
}

std::unique_ptr<FileWriter> RehearsalTarget::createFile(const std::string& path,
                                                        const Attributes& attributes) {
    return std::make_unique<RehearsalWriter>(inner_.createFile(path, rehearsed(attributes)));
}

}  // namespace coffer
