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
    while (length_ < size) {
        const Region region = file.regionAt(length_);
        if (region.length == 0) break;
        if (region.hole) {
            content.add({region.length, {}});
            length_ += region.length;
        } else {
            const std::uint64_t before = content.length();
            readRegion(file, length_, region.length, content);
            const std::uint64_t got = content.length() - before;
            length_ += got;
            if (got < region.length) break;  // the file has become shorter
        }
        shared_.cancel.check();
    }
    return content.finish();
}

void ContentReader::readRegion(FileReader& file, std::uint64_t offset, std::uint64_t length,
                               ContentBuilder& content) {
    const ChunkerParameters& sizes = chunker_.parameters();
    const auto emit = [&](ByteView chunk) {
        const ChunkId id = worker_.sink().add(ChunkKind::data, toBytes(chunk));
        content.add({chunk.size(), id});
    };
    if (length <= std::min<std::uint64_t>(sizes.minimumSize, ChunkSink::mostRoom)) {
        const std::span<std::uint8_t> room = worker_.sink().room(static_cast<std::size_t>(length));
        const std::size_t size = file.readAt(offset, room);
        shared_.progress.readBytes += size;
        if (size > 0) content.add({size, worker_.sink().addFromRoom(ChunkKind::data, size)});
        return;
    }
    Bytes& window = worker_.window();
    window.resize(std::size_t{2} * sizes.maximumSize);
    std::size_t begin = 0;  // what has been cut
    std::size_t end = 0;    // what has been read
    bool more = true;
    while (true) {
        if (more && end - begin < sizes.maximumSize) {
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
        const std::size_t size = chunker_.cut(ByteView(window).subspan(begin, end - begin));
        if (size == 0) return;
        emit(ByteView(window).subspan(begin, size));
        begin += size;
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
