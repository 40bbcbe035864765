#include "core/pipeline/file_backup.h"

#include <algorithm>
#include <cstring>

namespace coffer {

bool endsBackup(const Error& error) {
    return error.endsRun() || error.code() == ErrorCode::cancelled ||
           error.code() == ErrorCode::internal;
}

ContentBuilder ContentReader::builder() {
    return ContentBuilder([this](Bytes list, std::vector<ChunkId> references) {
        return worker_.sink().add(ChunkKind::list, std::move(list), std::move(references));
    });
}

Content ContentReader::read(FileReader& file, std::uint64_t size) {
    ContentBuilder content = builder();
    length_ = 0;
    late_.reset();
    while (length_ < size) {
        const Region region = file.regionAt(length_);
        if (region.length == 0) break;
        if (region.hole) {
            content.add({region.length, {}});
            length_ += region.length;
        } else {
            const std::uint64_t before = content.length();
            if (length_ == 0 && region.length >= size && isSmall(region.length)) {
                readWhole(file, static_cast<std::size_t>(region.length), content);
            } else {
                readRegion(file, length_, region.length, content);
            }
            const std::uint64_t got = content.length() - before;
            length_ += got;
            if (got < region.length) break;  // the file has become shorter
        }
        shared_.cancel.check();
    }
    return content.finish();
}

// A file that is one chunk for sure.
bool ContentReader::isSmall(std::uint64_t length) const {
    return length <=
           std::min<std::uint64_t>(chunker_.parameters().minimumSize, ChunkSink::mostRoom);
}

void ContentReader::readWhole(FileReader& file, std::size_t size, ContentBuilder& content) {
    const std::size_t got = file.readAt(0, worker_.sink().room(size));
    shared_.progress.readBytes += got;
    if (got == 0) return;
    late_ = worker_.sink().addFromRoom(got);
    content.add({got, ChunkId{}});
}

void ContentReader::readRegion(FileReader& file, std::uint64_t offset, std::uint64_t length,
                               ContentBuilder& content) {
    const std::size_t longest = chunker_.parameters().maximumSize;
    std::vector<ByteView> chunks;
    Bytes& window = worker_.window();
    window.resize(2 * longest);
    std::size_t begin = 0;  // what has been cut
    std::size_t end = 0;    // what has been read
    bool more = true;
    while (more || begin < end) {
        if (more) {
            std::memmove(window.data(), window.data() + begin, end - begin);
            end -= begin;
            begin = 0;
            const std::size_t want =
                static_cast<std::size_t>(std::min<std::uint64_t>(window.size() - end, length));
            const std::size_t got = file.readAt(offset, std::span(window).subspan(end, want));
            shared_.progress.readBytes += got;
            shared_.cancel.check();
            offset += got;
            length -= got;
            end += got;
            more = got == want && length > 0;
        }
        // What is in the window is hashed together.
        chunks.clear();
        while (begin < end) {
            const ByteView rest = ByteView(window).subspan(begin, end - begin);
            const std::size_t size = chunker_.cut(rest);
            // That is no cut but the end of what has been read so far.
            if (size == rest.size() && size < longest && more) break;
            chunks.push_back(rest.first(size));
            begin += size;
        }
        const std::vector<ChunkId> ids = worker_.sink().addAll(chunks);
        for (std::size_t i = 0; i < ids.size(); ++i) content.add({chunks[i].size(), ids[i]});
    }
}

Content ContentReader::cut(ByteView data) {
    ContentBuilder content = builder();
    while (!data.empty()) {
        const std::size_t size = chunker_.cut(data);
        const ChunkId id = worker_.sink().add(ChunkKind::data, toBytes(data.first(size)));
        content.add({size, id});
        data = data.subspan(size);
    }
    return content.finish();
}

}  // namespace coffer
