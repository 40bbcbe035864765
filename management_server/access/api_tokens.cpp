#include "management_server/access/api_tokens.h"

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/codec/secret.h"
#include "management_server/access/permissions.h"
#include "management_server/database/columns.h"

namespace coffer {

namespace {

constexpr std::size_t idLength = 16;      // hexadecimal digits
constexpr std::size_t secretLength = 64;  // likewise
constexpr std::size_t longestTitle = 100;
constexpr std::int64_t mostOfUser = 100;
constexpr std::int64_t day = 86'400;

constexpr const char* columns =
    "SELECT id, user, title, made, expires, used, grants FROM api_tokens";

ApiToken tokenAt(SqlStatement& row) {
    return {textAt(row, 0),
            textAt(row, 1),
            textAt(row, 2),
            timeAt(row, 3).value_or(Timestamp{}),
            timeAt(row, 4).value_or(Timestamp{}),
            timeAt(row, 5),
            decodeGrants(row.blob(6))};
}

void check(const std::string& title, std::int64_t seconds, const std::vector<Grant>& grants) {
    if (title.size() > longestTitle || printable(title) != title) {
        throw Error(ErrorCode::invalidArgument, "a title has 100 printable characters at most");
    }
    if (seconds <= 0 || seconds > ApiTokens::longestDays * day) {
        throw Error(ErrorCode::invalidArgument, "a token ends within 400 days");
    }
    if (grants.empty() || grants.size() > ApiTokens::mostGrants) {
        throw Error(ErrorCode::invalidArgument, "a token has 1 to 20 roles");
    }
    for (const Grant& grant : grants) checkGrant(grant);
}

std::int64_t numberOf(SqlDatabase& database, const std::string& sql, const std::string& user) {
    SqlStatement row = database.prepare(sql);
    bindText(row, 1, user);
    return row.step() ? row.integer(0) : 0;
}

}  // namespace

ApiTokens::ApiTokens(ServerDatabase& database, const Clock& clock)
    : database_(database), clock_(clock) {}

std::string ApiTokens::make(const std::string& user, const std::string& title, Timestamp expires,
                            const std::vector<Grant>& grants) {
    const Timestamp now = clock_.now();
    check(title, expires.seconds - now.seconds, grants);
    const std::string id = toHex(SecretKey::random().view().first(idLength / 2));
    const std::string token = std::string(prefix) + id + toHex(SecretKey::random().view());
    database_.change([&](SqlDatabase& database) {
        if (numberOf(database, "SELECT COUNT(*) FROM users WHERE name=?", user) == 0) {
            throw Error(ErrorCode::notFound, "there is no user of this name");
        }
        if (numberOf(database, "SELECT COUNT(*) FROM api_tokens WHERE user=?", user) >=
            mostOfUser) {
            throw Error(ErrorCode::limitExceeded, "the user has 100 tokens: remove some");
        }
        SqlStatement row =
            database.prepare("INSERT INTO api_tokens VALUES(?, ?, ?, ?, ?, ?, 0, ?)");
        bindText(row, 1, id);
        row.bind(2, sha256(bytesOf(token)).view());
        bindText(row, 3, user);
        bindText(row, 4, title);
        row.bind(5, toColumn(now)).bind(6, toColumn(expires)).bind(7, encodeGrants(grants)).run();
    });
    return token;
}

std::optional<ApiToken> ApiTokens::use(const std::string& user, const std::string& token) {
    return useOf(user, token);
}

std::optional<ApiToken> ApiTokens::useOf(const std::optional<std::string>& user,
                                         const std::string& token) {
    if (token.size() != prefix.size() + idLength + secretLength) return {};
    const Digest hash = sha256(bytesOf(token));
    const Timestamp now = clock_.now();
    return database_.change([&](SqlDatabase& database) -> std::optional<ApiToken> {
        SqlStatement row = database.prepare(std::string(columns) + " WHERE hash=?");
        row.bind(1, hash.view());
        if (!row.step()) return {};
        ApiToken found = tokenAt(row);
        if ((user && found.user != *user) || found.expires <= now) return {};
        SqlStatement note = database.prepare("UPDATE api_tokens SET used=? WHERE id=?");
        note.bind(1, toColumn(now));
        bindText(note, 2, found.id).run();
        return found;
    });
}

std::vector<ApiToken> ApiTokens::list() const {
    return database_.read([](SqlDatabase& database) {
        std::vector<ApiToken> tokens;
        SqlStatement row = database.prepare(std::string(columns) + " ORDER BY user, made, id");
        while (row.step()) tokens.push_back(tokenAt(row));
        return tokens;
    });
}

ApiToken ApiTokens::get(const std::string& id) const {
    return database_.read([&](SqlDatabase& database) {
        SqlStatement row = database.prepare(std::string(columns) + " WHERE id=?");
        bindText(row, 1, id);
        if (!row.step()) throw Error(ErrorCode::notFound, "there is no token of this id");
        return tokenAt(row);
    });
}

void ApiTokens::remove(const std::string& id) {
    get(id);
    database_.change([&](SqlDatabase& database) {
        SqlStatement row = database.prepare("DELETE FROM api_tokens WHERE id=?");
        bindText(row, 1, id).run();
    });
}

}  // namespace coffer
