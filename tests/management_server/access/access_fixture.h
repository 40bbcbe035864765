#pragma once

#include <gtest/gtest.h>

#include <atomic>

#include "core/base/clock.h"
#include "management_server/access/authentication.h"
#include "management_server/access/password_hasher.h"
#include "management_server/access/permissions.h"
#include "management_server/access/user_table.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {

/// Keeps passwords for tests: costs nothing and counts its work.
class CountingHasher : public PasswordHasher {
  public:
    std::string hash(const std::string& password) const override {
        ++hashed;
        return "kept " + password;
    }
    bool matches(const std::string& kept, const std::string& password) const override {
        ++compared;
        if (failing) throw Error(ErrorCode::limitExceeded, "busy").withRetryAfter(5);
        return kept == "kept " + password;
    }

    mutable std::atomic<int> hashed = 0;
    mutable std::atomic<int> compared = 0;
    bool failing = false;
};

inline const std::string goodPassword = "correct horse battery";

/// A server.db with one user, "ann".
struct UsersFixture : testing::Test {
    UsersFixture() {
        users.add("ann", goodPassword, false);
        permissions.reload();
    }

    ScratchFolder folder;
    ManualClock clock;
    ServerDatabase database{folder / "server.db"};
    CountingHasher hasher;
    UserTable users{database, clock, hasher};
    Permissions permissions{database};
    ApiTokens tokens{database, clock};
    SecondFactors factors{database, clock};
};

/// Users elsewhere: those in `groups` by name, all with the password "of the directory".
class ScriptedDirectory : public UserDirectory {
  public:
    std::optional<std::vector<std::string>> verify(const std::string& name,
                                                   const std::string& password) const override {
        ++asked;
        if (failing) throw Error(ErrorCode::unavailable, "the directory is away");
        const auto found = groups.find(name);
        if (found == groups.end() || password != "of the directory") return {};
        return found->second;
    }

    std::map<std::string, std::vector<std::string>> groups;
    mutable std::atomic<int> asked = 0;
    bool failing = false;
};

}  // namespace coffer
