#include "tests/workstation_agent/test_orb.h"

#include <gtest/gtest.h>

#include <memory>

namespace coffer {

namespace {

/// Makes the one ORB of the program, and ends it in time.
class OrbEnvironment : public testing::Environment {
  public:
    void SetUp() override {
        orb = std::make_unique<rpc::Orb>(rpc::OrbSettings{.role = rpc::OrbRole::embedded});
    }
    void TearDown() override { orb.reset(); }

    std::unique_ptr<rpc::Orb> orb;
};

OrbEnvironment& environment() {
    static auto& made =
        dynamic_cast<OrbEnvironment&>(*testing::AddGlobalTestEnvironment(new OrbEnvironment));
    return made;
}
[[maybe_unused]] const auto& early = environment();

}  // namespace

rpc::Orb& testOrb() {
    return *environment().orb;
}

}  // namespace coffer
