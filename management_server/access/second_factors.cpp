#include "management_server/access/second_factors.h"

#include <algorithm>
#include <optional>

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/random.h"
#include "management_server/access/totp.h"
#include "management_server/access/user_table.h"
#include "management_server/database/columns.h"

namespace coffer {

namespace {

constexpr std::size_t secretSize = 20;  // RFC 4226 recommends 160 bits
constexpr std::size_t recoveryCodes = 10;

struct Row {
    Bytes secret;
    bool confirmed = false;
    std::uint64_t used = 0;
    std::vector<std::string> recovery;  // hashes
};

std::optional<Row> readRow(SqlDatabase& database, const std::string& user) {
    SqlStatement row = database.prepare(
        "SELECT secret, confirmed, used_step, recovery FROM second_factors WHERE user=?");
    bindText(row, 1, user);
    if (!row.step()) return {};
    return Row{toBytes(row.blob(0)), row.integer(1) != 0,
               static_cast<std::uint64_t>(row.integer(2)), decodeTexts(row.blob(3))};
}

void writeRow(SqlDatabase& database, const std::string& user, const Row& value) {
    SqlStatement row =
        database.prepare("INSERT OR REPLACE INTO second_factors VALUES(?, ?, ?, ?, ?)");
    bindText(row, 1, user);
    row.bind(2, value.secret).bind(3, value.confirmed ? 1 : 0);
    row.bind(4, static_cast<std::int64_t>(value.used)).bind(5, encodeTexts(value.recovery)).run();
}

// They have 100 random bits: no slow hash is needed.
std::string hashOf(const std::string& code) {
    return sha256(bytesOf(code)).hex();
}

}  // namespace

SecondFactors::SecondFactors(ServerDatabase& database, const Clock& clock)
    : database_(database), clock_(clock) {}

bool SecondFactors::isOn(const std::string& user) const {
    const auto row = database_.read([&](SqlDatabase& database) { return readRow(database, user); });
    return row && row->confirmed;
}

Bytes SecondFactors::begin(const std::string& user) {
    Row fresh;
    fresh.secret.resize(secretSize);
    fillRandom(fresh.secret);
    database_.change([&](SqlDatabase& database) {
        const auto row = readRow(database, user);
        if (row && row->confirmed) {
            throw Error(ErrorCode::conflict, "there is a second factor already: remove it first");
        }
        writeRow(database, user, fresh);
    });
    return fresh.secret;
}

std::vector<std::string> SecondFactors::confirm(const std::string& user, const std::string& code) {
    std::vector<std::string> codes(recoveryCodes);
    for (std::string& each : codes) each = makeOneTimePassword();
    database_.change([&](SqlDatabase& database) {
        auto row = readRow(database, user);
        if (!row || row->confirmed) {
            throw Error(ErrorCode::notFound, "there is no second factor to be confirmed");
        }
        const auto step = stepOfCode(row->secret, code, clock_.now(), 0);
        if (!step) throw Error(ErrorCode::permissionDenied, "a wrong code");
        row->confirmed = true;
        row->used = *step;
        for (const std::string& each : codes) row->recovery.push_back(hashOf(each));
        writeRow(database, user, *row);
    });
    return codes;
}

bool SecondFactors::use(const std::string& user, const std::string& code) {
    return database_.change([&](SqlDatabase& database) {
        auto row = readRow(database, user);
        if (!row || !row->confirmed) return false;
        const auto recovery = std::find(row->recovery.begin(), row->recovery.end(), hashOf(code));
        if (recovery != row->recovery.end()) {
            row->recovery.erase(recovery);
        } else if (const auto step = stepOfCode(row->secret, code, clock_.now(), row->used)) {
            row->used = *step;
        } else {
            return false;
        }
        writeRow(database, user, *row);
        return true;
    });
}

void SecondFactors::remove(const std::string& user) {
    database_.change([&](SqlDatabase& database) {
        SqlStatement row = database.prepare("DELETE FROM second_factors WHERE user=?");
        bindText(row, 1, user).run();
    });
}

}  // namespace coffer
