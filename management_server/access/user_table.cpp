#include "management_server/access/user_table.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/trust/certificate.h"
#include "management_server/database/columns.h"

namespace coffer {

namespace {

constexpr std::size_t shortestPassword = 12;   // characters
constexpr std::size_t longestPassword = 1024;  // octets

bool isLetterOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool isNameCharacter(char c) {
    return isLetterOrDigit(c) || c == '.' || c == '-' || c == '_';
}

// In UTF-8: octets that do not go on with a character.
std::size_t charactersOf(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<std::uint8_t>(c) & 0xC0) != 0x80;
    }));
}

struct Row {
    User user;
    std::string kept;
};

std::optional<Row> readRow(SqlDatabase& database, const std::string& name) {
    SqlStatement row =
        database.prepare("SELECT password, must_change, made, changed FROM users WHERE name=?");
    bindText(row, 1, name);
    if (!row.step()) return {};
    Row found;
    found.kept = textAt(row, 0);
    found.user = {name, row.integer(1) != 0, timeAt(row, 2).value_or(Timestamp{}),
                  timeAt(row, 3).value_or(Timestamp{})};
    return found;
}

}  // namespace

void checkPrincipalName(const std::string& name, const std::string& whose) {
    const bool good = !name.empty() && name.size() <= longestCommonName &&
                      isLetterOrDigit(name.front()) &&
                      std::all_of(name.begin(), name.end(), isNameCharacter);
    if (good) return;
    throw Error(ErrorCode::invalidArgument,
                whose + " name has 1 to " + std::to_string(longestCommonName) +
                    " letters, digits, '.', '-' and '_', and begins with a letter or digit");
}

void checkNewPassword(const std::string& user, const std::string& password) {
    if (charactersOf(password) < shortestPassword) {
        throw Error(ErrorCode::invalidArgument,
                    "a password has " + std::to_string(shortestPassword) + " characters at least");
    }
    if (password.size() > longestPassword) {
        throw Error(ErrorCode::invalidArgument,
                    "a password has " + std::to_string(longestPassword) + " octets at most");
    }
    if (password == user) {
        throw Error(ErrorCode::invalidArgument, "the password must not be the user's name");
    }
}

UserTable::UserTable(ServerDatabase& database, const Clock& clock, const PasswordHasher& hasher)
    : database_(database),
      clock_(clock),
      hasher_(hasher),
      nobodys_(hasher.hash(makeOneTimePassword())) {}

void UserTable::add(const std::string& name, const std::string& password, bool mustChange) {
    checkPrincipalName(name, "a user's");
    checkNewPassword(name, password);
    const std::string kept = hasher_.hash(password);
    const std::int64_t now = toColumn(clock_.now());
    database_.change([&](SqlDatabase& database) {
        if (readRow(database, name)) {
            throw Error(ErrorCode::alreadyExists, "there is a user " + name + " already");
        }
        SqlStatement row = database.prepare("INSERT INTO users VALUES(?, ?, ?, ?, ?)");
        bindText(row, 1, name);
        bindText(row, 2, kept);
        row.bind(3, mustChange ? 1 : 0).bind(4, now).bind(5, now).run();
    });
}

void UserTable::setPassword(const std::string& name, const std::string& password, bool mustChange) {
    checkNewPassword(name, password);
    const std::string kept = hasher_.hash(password);
    database_.change([&](SqlDatabase& database) {
        if (!readRow(database, name)) {
            throw Error(ErrorCode::notFound, "there is no user of this name");
        }
        SqlStatement row =
            database.prepare("UPDATE users SET password=?, must_change=?, changed=? WHERE name=?");
        bindText(row, 1, kept);
        row.bind(2, mustChange ? 1 : 0).bind(3, toColumn(clock_.now()));
        bindText(row, 4, name);
        row.run();
    });
}

std::optional<User> UserTable::find(const std::string& name) const {
    const auto row = database_.read([&](SqlDatabase& database) { return readRow(database, name); });
    return row ? std::optional(row->user) : std::nullopt;
}

std::optional<User> UserTable::verify(const std::string& name, const std::string& password) const {
    if (password.size() > longestPassword) return {};  // of no user, known or not
    const auto row = database_.read([&](SqlDatabase& database) { return readRow(database, name); });
    const bool right = hasher_.matches(row ? row->kept : nobodys_, password);
    return row && right ? std::optional(row->user) : std::nullopt;
}

}  // namespace coffer
