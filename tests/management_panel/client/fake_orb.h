#pragma once

#include <gtest/gtest.h>

#include "core/rpc/orb.h"

namespace coffer::fake {

/// The ORB of a test process, in which no call leaves it. Made at the first use; ends with main.
inline rpc::Orb& orb() {
    class Holder : public testing::Environment {
      public:
        std::unique_ptr<rpc::Orb> orb =
            std::make_unique<rpc::Orb>(rpc::OrbSettings{.role = rpc::OrbRole::embedded});
        void TearDown() override { orb.reset(); }
    };
    static Holder* const holder = [] {
        auto made = std::make_unique<Holder>();
        Holder* kept = made.get();
        testing::AddGlobalTestEnvironment(made.release());  // owned by GoogleTest
        return kept;
    }();
    return *holder->orb;
}

}  // namespace coffer::fake
