#pragma once

#include <iostream>

#include "core/base/bytes.h"
#include "core/rpc/convert.h"
#include "tests/support/refusing_agent.h"

namespace coffer {

/// An agent that does nothing it is asked for, but says the token of every order.
class HostileControl : public RefusingAgent {
  public:
    void startRun(const Coffer::RunOrder& order) override {
        std::cout << "token " << toHex(rpc::viewOf(order.token)) << std::endl;
    }
    void cancelRun(CORBA::LongLong) override {}
};

}  // namespace coffer
