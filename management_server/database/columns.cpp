#include "management_server/database/columns.h"

#include <limits>

#include "core/base/wire.h"

namespace coffer {

namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::uint64_t longestText = 64 << 20;

// The reader's complaint says nothing about where: add it.
template <class Work>
auto decoding(Work&& work) {
    return during("server.db", std::forward<Work>(work));
}

}  // namespace

SqlStatement& bindText(SqlStatement& statement, int parameter, std::string_view text) {
    // An empty view may point nowhere, which SQLite would take for NULL.
    return statement.bind(parameter, bytesOf(text.empty() ? std::string_view("") : text));
}

std::string textAt(SqlStatement& row, int column) {
    return std::string(textOf(row.blob(column)));
}

std::int64_t toColumn(Timestamp time) {
    constexpr std::int64_t last = std::numeric_limits<std::int64_t>::max() / second - 1;
    if (time.seconds > last || time.seconds < -last) {
        throw Error(ErrorCode::limitExceeded, "a time that server.db cannot hold");
    }
    return time.seconds * second + time.nanoseconds;
}

std::int64_t toColumn(const std::optional<Timestamp>& time) {
    return time ? toColumn(*time) : 0;
}

std::optional<Timestamp> timeAt(SqlStatement& row, int column) {
    const std::int64_t value = row.integer(column);
    if (value == 0) return {};
    return Timestamp{} + value;
}

Bytes encodeTexts(const std::vector<std::string>& texts) {
    WireWriter writer;
    writer.varint(texts.size());
    for (const std::string& text : texts) writer.sized(text);
    return writer.take();
}

std::vector<std::string> decodeTexts(ByteView blob) {
    return decoding([&] {
        WireReader reader(blob);
        std::vector<std::string> texts(reader.count(1, "texts"));
        for (std::string& text : texts) text = reader.text(longestText);
        reader.expectEnd();
        return texts;
    });
}

Bytes encodeMap(const std::map<std::string, std::string>& map) {
    WireWriter writer;
    writer.varint(map.size());
    for (const auto& [name, value] : map) {
        writer.sized(name);
        writer.sized(value);
    }
    return writer.take();
}

std::map<std::string, std::string> decodeMap(ByteView blob) {
    return decoding([&] {
        WireReader reader(blob);
        std::map<std::string, std::string> map;
        for (std::size_t left = reader.count(2, "values"); left > 0; --left) {
            std::string name = reader.text(longestText);
            map.insert_or_assign(std::move(name), reader.text(longestText));
        }
        reader.expectEnd();
        return map;
    });
}

}  // namespace coffer
