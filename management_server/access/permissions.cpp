#include "management_server/access/permissions.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/base/wire.h"
#include "management_server/access/confirmations.h"
#include "management_server/access/user_table.h"
#include "management_server/database/columns.h"

namespace coffer {

namespace {

constexpr std::size_t mostAgents = 1'000;
constexpr std::uint64_t longestText = 4'096;
constexpr std::string_view ofUser = "user:";
constexpr std::string_view ofGroup = "group:";
constexpr const char* askerGone = "who has asked for it was removed or disabled meanwhile";

// Runs a statement with texts for its parameters.
void execute(SqlDatabase& database, const std::string& sql,
             const std::vector<std::string_view>& texts) {
    SqlStatement statement = database.prepare(sql);
    int parameter = 0;
    for (const std::string_view text : texts) bindText(statement, ++parameter, text);
    statement.run();
}

bool isThere(SqlDatabase& database, const std::string& table, std::string_view name) {
    SqlStatement row = database.prepare("SELECT 1 FROM " + table + " WHERE name=?");
    bindText(row, 1, name);
    return row.step();
}

void require(SqlDatabase& database, const std::string& table, std::string_view name) {
    if (isThere(database, table, name)) return;
    throw Error(ErrorCode::notFound, std::string("there is no ") +
                                         (table == "users" ? "user " : "group ") +
                                         printable(name.substr(0, 64)));
}

void requireHolder(SqlDatabase& database, std::string_view holder) {
    if (holder.starts_with(ofUser)) {
        require(database, "users", holder.substr(ofUser.size()));
    } else if (holder.starts_with(ofGroup)) {
        require(database, "user_groups", holder.substr(ofGroup.size()));
    } else {
        throw Error(ErrorCode::invalidArgument, "a grant is given to user:NAME or group:NAME");
    }
}

Grant grantAt(SqlStatement& row, int column) {
    const std::vector<Grant> grants = decodeGrants(row.blob(column));
    if (grants.size() != 1) throw Error(ErrorCode::corrupt, "server.db: a grant that is none");
    return grants.front();
}

std::vector<std::string> membersOf(SqlDatabase& database, std::string_view group) {
    std::vector<std::string> members;
    SqlStatement row = database.prepare("SELECT user FROM group_members WHERE team=?");
    bindText(row, 1, group);
    while (row.step()) members.push_back(textAt(row, 0));
    return members;
}

// Whether what they ask for is among what they may not do any more is not looked at: they can ask
// again.
void endRequestsOf(SqlDatabase& database, const std::vector<std::string>& users) {
    for (const std::string& user : users) {
        Confirmations::askerChanged(
            database, user, "who has asked for it was given fewer rights meanwhile: ask again");
    }
}

HeldGrant heldAt(SqlStatement& row) {
    return {row.integer(0), textAt(row, 1), grantAt(row, 2)};
}

bool isOverAll(const std::vector<Grant>& grants, Right right) {
    return allowed(grants, right, Scope{});
}

}  // namespace

void checkGrant(const Grant& grant) {
    checkComponent(grant.component);
    if (grant.agents.size() > mostAgents) {
        throw Error(ErrorCode::invalidArgument, "a grant names 1,000 agents at most");
    }
    for (const std::string& agent : grant.agents) checkPrincipalName(agent, "an agent's");
}

Bytes encodeGrants(const std::vector<Grant>& grants) {
    WireWriter writer;
    writer.varint(grants.size());
    for (const Grant& grant : grants) {
        writer.sized(nameOf(grant.role));
        writer.sized(grant.component);
        writer.varint(grant.agents.size());
        for (const std::string& agent : grant.agents) writer.sized(agent);
    }
    return writer.take();
}

std::vector<Grant> decodeGrants(ByteView blob) {
    return during("server.db: grants", [&] {
        WireReader reader(blob);
        std::vector<Grant> grants(reader.count(3, "grants"));
        for (Grant& grant : grants) {
            grant.role = userRoleOf(reader.text(longestText));
            grant.component = reader.text(longestText);
            grant.agents.resize(reader.count(1, "agents"));
            for (std::string& agent : grant.agents) agent = reader.text(longestText);
        }
        reader.expectEnd();
        return grants;
    });
}

namespace {

// Rows of which column 0 is the key and column 1 has grants; gives the keys of those that name it.
std::vector<Bytes> renameInRows(SqlDatabase& database, const std::string& select,
                                const std::string& update, const std::string& name,
                                const std::string& fresh) {
    std::vector<std::pair<Bytes, std::vector<Grant>>> changed;
    SqlStatement row = database.prepare(select);
    while (row.step()) {
        std::vector<Grant> grants = decodeGrants(row.blob(1));
        bool names = false;
        for (Grant& grant : grants) {
            names |= std::ranges::count(grant.agents, name) > 0;
            std::ranges::replace(grant.agents, name, fresh);
        }
        if (names) changed.emplace_back(toBytes(row.blob(0)), std::move(grants));
    }
    std::vector<Bytes> keys;
    for (auto& [key, grants] : changed) {
        SqlStatement write = database.prepare(update);
        write.bind(1, encodeGrants(grants)).bind(2, key).run();
        keys.push_back(key);
    }
    return keys;
}

}  // namespace

std::vector<std::string> Permissions::renameAgent(SqlDatabase& database, const std::string& name,
                                                  const std::string& fresh) {
    renameInRows(database, "SELECT CAST(number AS BLOB), content FROM grants",
                 "UPDATE grants SET content=? WHERE CAST(number AS BLOB)=?", name, fresh);
    std::vector<std::string> tokens;
    for (const Bytes& id : renameInRows(database, "SELECT id, grants FROM api_tokens",
                                        "UPDATE api_tokens SET grants=? WHERE id=?", name, fresh)) {
        tokens.emplace_back(textOf(id));
    }
    return tokens;
}

Permissions::Permissions(ServerDatabase& database) : database_(database) {
    reload();
}

std::vector<Grant> Permissions::of(const std::string& user) const {
    return book_.with([&](const Book& book) {
        const auto found = book.users.find(user);
        return found == book.users.end() ? std::vector<Grant>() : found->second;
    });
}

std::vector<Grant> Permissions::ofGroups(const std::vector<std::string>& groups) const {
    return book_.with([&](const Book& book) {
        std::vector<Grant> grants;
        for (const std::string& group : groups) {
            const auto found = book.groups.find(group);
            if (found == book.groups.end()) continue;
            grants.insert(grants.end(), found->second.begin(), found->second.end());
        }
        return grants;
    });
}

std::vector<std::string> Permissions::known(std::vector<std::string> groups) const {
    book_.with([&](const Book& book) {
        std::erase_if(groups,
                      [&](const std::string& group) { return !book.groups.contains(group); });
    });
    return groups;
}

std::vector<std::string> Permissions::usersWith(Right right) const {
    return book_.with([&](const Book& book) {
        std::vector<std::string> users;
        for (const auto& [user, grants] : book.users) {
            if (isOverAll(grants, right)) users.push_back(user);
        }
        return users;
    });
}

Permissions::Book Permissions::load(SqlDatabase& database) {
    Book book;
    SqlStatement user = database.prepare("SELECT name FROM users WHERE disabled=0");
    while (user.step()) book.users.emplace(textAt(user, 0), std::vector<Grant>());
    SqlStatement team = database.prepare("SELECT name FROM user_groups");
    while (team.step()) book.groups.emplace(textAt(team, 0), std::vector<Grant>());
    const auto give = [&](const std::string& name, const Grant& grant) {
        const auto found = book.users.find(name);
        if (found != book.users.end()) found->second.push_back(grant);
    };
    std::multimap<std::string, std::string> members;
    SqlStatement member = database.prepare("SELECT team, user FROM group_members");
    while (member.step()) members.emplace(textAt(member, 0), textAt(member, 1));
    SqlStatement row = database.prepare("SELECT holder, content FROM grants ORDER BY number");
    while (row.step()) {
        const std::string holder = textAt(row, 0);
        const Grant grant = grantAt(row, 1);
        if (holder.starts_with(ofUser)) {
            give(holder.substr(ofUser.size()), grant);
            continue;
        }
        const std::string group = holder.substr(ofGroup.size());
        book.groups[group].push_back(grant);
        const auto [first, last] = members.equal_range(group);
        for (auto each = first; each != last; ++each) give(each->second, grant);
    }
    return book;
}

// Of two changes at once the later one has the last word in memory too.
template <class Work>
auto Permissions::change(Work&& work) {
    return book_.with([&](Book& book) {
        Book fresh;
        const auto result = database_.change([&](SqlDatabase& database) {
            const auto made = work(database);
            fresh = load(database);
            const bool administered = std::ranges::any_of(fresh.users, [](const auto& user) {
                return isOverAll(user.second, Right::manageAccess);
            });
            if (!administered) {
                throw Error(ErrorCode::conflict,
                            "nobody would be left who is an administrator of everything");
            }
            return made;
        });
        book = std::move(fresh);
        return result;
    });
}

void Permissions::removeUser(const std::string& name) {
    change([&](SqlDatabase& database) {
        require(database, "users", name);
        execute(database, "DELETE FROM users WHERE name=?", {name});
        execute(database, "DELETE FROM group_members WHERE user=?", {name});
        execute(database, "DELETE FROM grants WHERE holder=?", {std::string(ofUser) + name});
        execute(database, "DELETE FROM second_factors WHERE user=?", {name});
        execute(database, "DELETE FROM api_tokens WHERE user=?", {name});
        Confirmations::askerChanged(database, name, askerGone);
        return true;
    });
}

void Permissions::setEnabled(const std::string& name, bool enabled) {
    change([&](SqlDatabase& database) {
        require(database, "users", name);
        SqlStatement row = database.prepare("UPDATE users SET disabled=? WHERE name=?");
        row.bind(1, enabled ? 0 : 1);
        bindText(row, 2, name).run();
        if (!enabled) Confirmations::askerChanged(database, name, askerGone);
        return true;
    });
}

void Permissions::addGroup(const std::string& name) {
    checkPrincipalName(name, "a group's");
    change([&](SqlDatabase& database) {
        if (isThere(database, "user_groups", name)) {
            throw Error(ErrorCode::alreadyExists, "there is a group " + name + " already");
        }
        execute(database, "INSERT INTO user_groups VALUES(?)", {name});
        return true;
    });
}

void Permissions::removeGroup(const std::string& name) {
    change([&](SqlDatabase& database) {
        require(database, "user_groups", name);
        endRequestsOf(database, membersOf(database, name));
        execute(database, "DELETE FROM user_groups WHERE name=?", {name});
        execute(database, "DELETE FROM group_members WHERE team=?", {name});
        execute(database, "DELETE FROM grants WHERE holder=?", {std::string(ofGroup) + name});
        return true;
    });
}

void Permissions::addMember(const std::string& group, const std::string& user) {
    change([&](SqlDatabase& database) {
        require(database, "user_groups", group);
        require(database, "users", user);
        execute(database, "INSERT OR IGNORE INTO group_members VALUES(?, ?)", {group, user});
        return true;
    });
}

void Permissions::removeMember(const std::string& group, const std::string& user) {
    change([&](SqlDatabase& database) {
        require(database, "user_groups", group);
        require(database, "users", user);
        execute(database, "DELETE FROM group_members WHERE team=? AND user=?", {group, user});
        endRequestsOf(database, {user});
        return true;
    });
}

std::map<std::string, std::vector<std::string>> Permissions::groups() const {
    return database_.read([](SqlDatabase& database) {
        std::map<std::string, std::vector<std::string>> found;
        SqlStatement team = database.prepare("SELECT name FROM user_groups");
        while (team.step()) found.emplace(textAt(team, 0), std::vector<std::string>());
        SqlStatement member =
            database.prepare("SELECT team, user FROM group_members ORDER BY team, user");
        while (member.step()) found[textAt(member, 0)].push_back(textAt(member, 1));
        return found;
    });
}

std::int64_t Permissions::add(const std::string& holder, const Grant& grant) {
    checkGrant(grant);
    return change([&](SqlDatabase& database) {
        requireHolder(database, holder);
        SqlStatement row = database.prepare("INSERT INTO grants(holder, content) VALUES(?, ?)");
        bindText(row, 1, holder);
        row.bind(2, encodeGrants({grant})).run();
        SqlStatement last = database.prepare("SELECT last_insert_rowid()");
        last.step();
        return last.integer(0);
    });
}

HeldGrant Permissions::get(std::int64_t number) const {
    return database_.read([&](SqlDatabase& database) {
        SqlStatement row =
            database.prepare("SELECT number, holder, content FROM grants WHERE number=?");
        if (row.bind(1, number).step()) return heldAt(row);
        throw Error(ErrorCode::notFound, "there is no grant " + std::to_string(number));
    });
}

void Permissions::remove(std::int64_t number) {
    const std::string kept = get(number).holder;
    const std::string_view holder = kept;
    change([&](SqlDatabase& database) {
        database.prepare("DELETE FROM grants WHERE number=?").bind(1, number).run();
        endRequestsOf(database, holder.starts_with(ofGroup)
                                    ? membersOf(database, holder.substr(ofGroup.size()))
                                    : std::vector{std::string(holder.substr(ofUser.size()))});
        return true;
    });
}

std::vector<HeldGrant> Permissions::grants() const {
    return database_.read([](SqlDatabase& database) {
        std::vector<HeldGrant> found;
        SqlStatement row =
            database.prepare("SELECT number, holder, content FROM grants ORDER BY number");
        while (row.step()) found.push_back(heldAt(row));
        return found;
    });
}

std::vector<HeldGrant> Permissions::grantsOf(const std::string& user) const {
    std::set<std::string> holders{std::string(ofUser) + user};
    for (const auto& [group, members] : groups()) {
        if (std::find(members.begin(), members.end(), user) != members.end()) {
            holders.insert(std::string(ofGroup) + group);
        }
    }
    return grantsOfHolders(holders);
}

std::vector<HeldGrant> Permissions::grantsOfGroups(const std::vector<std::string>& groups) const {
    std::set<std::string> holders;
    for (const std::string& group : groups) holders.insert(std::string(ofGroup) + group);
    return grantsOfHolders(holders);
}

std::vector<HeldGrant> Permissions::grantsOfHolders(const std::set<std::string>& holders) const {
    std::vector<HeldGrant> held = grants();
    std::erase_if(held, [&](const HeldGrant& grant) { return !holders.contains(grant.holder); });
    return held;
}

void Permissions::reload() {
    book_.with([&](Book& book) { book = database_.read(load); });
}

void Permissions::giveAllRoles(SqlDatabase& database, const std::string& user) {
    for (const Grant& grant : allRoles()) {
        SqlStatement row = database.prepare("INSERT INTO grants(holder, content) VALUES(?, ?)");
        bindText(row, 1, std::string(ofUser) + user);
        row.bind(2, encodeGrants({grant})).run();
    }
}

}  // namespace coffer
