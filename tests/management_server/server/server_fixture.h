#pragma once

#include <gtest/gtest.h>

#include "core/trust/private_file.h"
#include "management_server/server/initialisation.h"
#include "management_server/server/server_certificate.h"
#include "management_server/server/server_settings.h"
#include "tests/management_server/access/access_fixture.h"
#include "tests/support/expect_error.h"
#include "tests/support/memory_folder.h"

namespace coffer {

/// The state folder of a server.
class ServerFixture : public testing::Test {
  protected:
    std::string initialise(const InitOrder& order = {"127.0.0.1:0", {"localhost"}}) {
        return coffer::initialise(state, order, hasher, clock,
                                  [this](const std::string& text) { password = text; });
    }

    MemoryFolder folder;
    ManualClock clock{1'700'000'000};
    CountingHasher hasher;
    std::unique_ptr<Disk> disk = makeSystemDisk();
    ServerFolder state{*disk, folder / "state"};
    std::string password;
};

}  // namespace coffer
