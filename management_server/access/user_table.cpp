#include "management_server/access/user_table.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/base/error.h"
#include "core/trust/certificate.h"
#include "management_server/access/permissions.h"
#include "management_server/database/columns.h"

namespace coffer {

namespace {

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

constexpr const char* columns =
    "SELECT name, password, must_change, made, changed, disabled FROM users";

Row rowAt(SqlStatement& row) {
    return {{textAt(row, 0), row.integer(2) != 0, timeAt(row, 3).value_or(Timestamp{}),
             timeAt(row, 4).value_or(Timestamp{}), row.integer(5) != 0},
            textAt(row, 1)};
}

std::optional<Row> readRow(SqlDatabase& database, const std::string& name) {
    SqlStatement row = database.prepare(std::string(columns) + " WHERE name=?");
    bindText(row, 1, name);
    if (!row.step()) return {};
    return rowAt(row);
}

std::string lowered(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

// One that differs by case at most: who reads "Admin" in a log takes it for "admin".
std::string nameLike(SqlDatabase& database, const std::string& name) {
    SqlStatement row =
        database.prepare("SELECT name FROM users WHERE CAST(lower(CAST(name AS TEXT)) AS BLOB)=?");
    bindText(row, 1, lowered(name));
    return row.step() ? textAt(row, 0) : "";
}

// Of at least twelve characters; shorter ones are refused in any case, or on the administrator's
// own head.
bool isCommon(const std::string& password) {
    constexpr std::array<std::string_view, 27> common = {"123456789012",
                                                         "1234567890123",
                                                         "12345678901234",
                                                         "123456789abc",
                                                         "1q2w3e4r5t6y",
                                                         "abcdefghijkl",
                                                         "adminadminadmin",
                                                         "administrator",
                                                         "changemechangeme",
                                                         "correcthorsebatterystaple",
                                                         "iloveyouiloveyou",
                                                         "letmeinletmein",
                                                         "password1234",
                                                         "password12345",
                                                         "password123456",
                                                         "passwordpassword",
                                                         "q1w2e3r4t5y6",
                                                         "qwertyqwerty",
                                                         "qwertyuiop12",
                                                         "qwertyuiop123",
                                                         "qwertyuiop[]",
                                                         "qwertyuiopasdf",
                                                         "trustno1trustno1",
                                                         "unbelievable",
                                                         "welcome12345",
                                                         "welcomewelcome",
                                                         "correct horse battery staple"};
    const std::string low = lowered(password);
    return std::find(common.begin(), common.end(), low) != common.end() ||
           low.find_first_not_of(low.front()) == low.npos;
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

void checkNewPassword(const std::string& user, const std::string& password,
                      const PasswordPolicy& policy) {
    if (password.empty() || charactersOf(password) < policy.shortest) {
        throw Error(ErrorCode::invalidArgument,
                    "a password has " + std::to_string(policy.shortest) + " characters at least");
    }
    if (password.size() > longestPassword) {
        throw Error(ErrorCode::invalidArgument,
                    "a password has " + std::to_string(longestPassword) + " octets at most");
    }
    if (lowered(password) == lowered(user)) {
        throw Error(ErrorCode::invalidArgument, "the password must not be the user's name");
    }
    if (isCommon(password)) {
        throw Error(ErrorCode::invalidArgument,
                    "everybody tries this password first: take another");
    }
}

UserTable::UserTable(ServerDatabase& database, const Clock& clock, const PasswordHasher& hasher,
                     const PasswordPolicy& policy)
    : database_(database),
      clock_(clock),
      hasher_(hasher),
      shortest_(policy.shortest),
      nobodys_(hasher.hash(makeOneTimePassword())) {}

template <class Work>
void UserTable::addThen(const std::string& name, const std::string& password, bool mustChange,
                        const Work& work) {
    checkPrincipalName(name, "a user's");
    checkPassword(name, password);
    const std::string kept = hasher_.hash(password);
    const std::int64_t now = toColumn(clock_.now());
    database_.change([&](SqlDatabase& database) {
        if (const std::string alike = nameLike(database, name); !alike.empty()) {
            throw Error(ErrorCode::alreadyExists, "there is a user " + alike + " already");
        }
        SqlStatement row = database.prepare("INSERT INTO users VALUES(?, ?, ?, ?, ?, 0)");
        bindText(row, 1, name);
        bindText(row, 2, kept);
        row.bind(3, mustChange ? 1 : 0).bind(4, now).bind(5, now).run();
        work(database);
    });
}

void UserTable::add(const std::string& name, const std::string& password, bool mustChange) {
    addThen(name, password, mustChange, [](SqlDatabase&) {});
}

void UserTable::addFirst(const std::string& name, const std::string& password) {
    addThen(name, password, true,
            [&](SqlDatabase& database) { Permissions::giveAllRoles(database, name); });
}

void UserTable::setPassword(const std::string& name, const std::string& password, bool mustChange) {
    checkPassword(name, password);
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

bool UserTable::hasInAnyCase(const std::string& name) const {
    return database_.read([&](SqlDatabase& database) {
        SqlStatement row =
            database.prepare("SELECT 1 FROM users WHERE CAST(lower(CAST(name AS TEXT)) AS BLOB)=?");
        bindText(row, 1, lowered(name));
        return row.step();
    });
}

std::vector<User> UserTable::list() const {
    return database_.read([](SqlDatabase& database) {
        std::vector<User> users;
        SqlStatement row = database.prepare(std::string(columns) + " ORDER BY name");
        while (row.step()) users.push_back(rowAt(row).user);
        return users;
    });
}

std::optional<User> UserTable::verify(const std::string& name, const std::string& password) const {
    if (password.size() > longestPassword) return {};  // of no user, known or not
    const auto row = database_.read([&](SqlDatabase& database) { return readRow(database, name); });
    const bool right = hasher_.matches(row ? row->kept : nobodys_, password);
    return row && right && !row->user.disabled ? std::optional(row->user) : std::nullopt;
}

}  // namespace coffer
