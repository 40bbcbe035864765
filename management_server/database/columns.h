#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/repository/sqlite.h"

namespace coffer {

// How values stand in server.db: names and texts as blobs (SQLite's TEXT ends at NUL for many of
// its functions, and names need not be UTF-8), times as signed 64-bit nanoseconds since 1970, which
// end in 2262, lists as counted texts in one blob. What does not parse is Error(corrupt).

/// A text in a statement; also an empty one.
SqlStatement& bindText(SqlStatement& statement, int parameter, std::string_view text);
std::string textAt(SqlStatement& row, int column);

/// 0 stands for a time that is not known.
std::int64_t toColumn(Timestamp time);
std::int64_t toColumn(const std::optional<Timestamp>& time);
std::optional<Timestamp> timeAt(SqlStatement& row, int column);

template <class IdType>
IdType idAt(SqlStatement& row, int column) {
    const ByteView octets = row.blob(column);
    if (octets.size() != sizeof(IdType::bytes)) {
        throw Error(ErrorCode::corrupt, "server.db: an id of the wrong length");
    }
    return IdType::from(octets);
}

/// Lists and maps of texts as one blob; never empty, so it can be bound as it is.
Bytes encodeTexts(const std::vector<std::string>& texts);
std::vector<std::string> decodeTexts(ByteView blob);
Bytes encodeMap(const std::map<std::string, std::string>& map);
std::map<std::string, std::string> decodeMap(ByteView blob);

}  // namespace coffer
