#pragma once

#include "core/rpc/failure.h"
#include "idl/agent.hh"

namespace coffer {

/// An agent's callback that is there, tells nothing of itself and refuses all it is asked for.
class RefusingAgent : public POA_Coffer::AgentControl {
  public:
    void ping() override {}
    Coffer::Settings* describe() override { return new Coffer::Settings; }
    void startRun(const Coffer::RunOrder&) override { refuse(); }
    void cancelRun(CORBA::LongLong) override { refuse(); }
    Coffer::Entry* stat(const Coffer::PathOctets&) override { refuse(); }
    Coffer::Entries* list(const Coffer::PathOctets&, CORBA::ULong,
                          Coffer::EntryIterator_out) override {
        refuse();
    }
    Coffer::Octets* read(const Coffer::PathOctets&, CORBA::ULongLong, CORBA::ULong) override {
        refuse();
    }
    void write(const Coffer::PathOctets&, CORBA::ULongLong, const Coffer::Octets&) override {
        refuse();
    }
    void resize(const Coffer::PathOctets&, CORBA::ULongLong) override { refuse(); }
    void createFile(const Coffer::PathOctets&) override { refuse(); }
    void createFolder(const Coffer::PathOctets&) override { refuse(); }
    void erase(const Coffer::PathOctets&, CORBA::Boolean) override { refuse(); }
    void move(const Coffer::PathOctets&, const Coffer::PathOctets&) override { refuse(); }
    void copy(const Coffer::PathOctets&, const Coffer::PathOctets&) override { refuse(); }
    void offerUpdate(const Coffer::Octets&) override { refuse(); }

  private:
    [[noreturn]] static void refuse() {
        throw Coffer::Failed("unsupported", "nothing to see here", 0, {});
    }
};

}  // namespace coffer
