#include "core/pipeline/throttled_source.h"

#include <algorithm>
#include <utility>

namespace coffer {

namespace {

constexpr std::size_t step = std::size_t{256} << 10;  // so that a large read is no burst

class ThrottledReader : public FileReader {
  public:
    ThrottledReader(std::unique_ptr<FileReader> inner, Throttle& throttle)
        : inner_(std::move(inner)), throttle_(throttle) {}

    Region regionAt(std::uint64_t offset) override { return inner_->regionAt(offset); }

    std::size_t readAt(std::uint64_t offset, std::span<std::uint8_t> out) override {
        std::size_t got = 0;
        while (got < out.size()) {
            const std::size_t want = std::min(step, out.size() - got);
            const std::size_t read = inner_->readAt(offset + got, out.subspan(got, want));
            throttle_.take(read);
            got += read;
            if (read < want) break;
        }
        return got;
    }

    Details details() override { return inner_->details(); }
    const Stat& opened() const override { return inner_->opened(); }
    Stat statNow() override { return inner_->statNow(); }

  private:
    const std::unique_ptr<FileReader> inner_;
    Throttle& throttle_;
};

class ThrottledFolder : public Folder {
  public:
    ThrottledFolder(std::unique_ptr<Folder> inner, Throttle& throttle)
        : inner_(std::move(inner)), throttle_(throttle) {}

    void list(const std::function<void(std::string_view name)>& each) override {
        inner_->list(each);
    }
    std::optional<Stat> stat(const std::string& name) override { return inner_->stat(name); }
    Stat statSelf() override { return inner_->statSelf(); }
    Details detailsSelf() override { return inner_->detailsSelf(); }
    Details details(const Stat& entry) override { return inner_->details(entry); }
    std::unique_ptr<FileReader> open(const Stat& entry) override {
        return std::make_unique<ThrottledReader>(inner_->open(entry), throttle_);
    }

  private:
    const std::unique_ptr<Folder> inner_;
    Throttle& throttle_;
};

}  // namespace

std::unique_ptr<Folder> ThrottledSource::openFolder(const std::string& path) {
    return std::make_unique<ThrottledFolder>(inner_.openFolder(path), throttle_);
}

}  // namespace coffer
