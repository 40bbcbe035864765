#include "core/rpc/callback.h"

#include <gtest/gtest.h>

#include "core/base/bytes.h"
#include "core/rpc/failure.h"
#include "idl/agent.hh"
#include "tests/core/rpc/orb/test_network.h"
#include "tests/core/rpc/orb/test_server_posix.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

using rpc::Orb;
using rpc::OrbRole;

/// Writes what an IOR is made of (CORBA 3.3, 7.6.2 and 9.3), little-endian.
class CdrWriter {
  public:
    void octet(std::uint8_t value) { octets_.push_back(value); }
    void number(std::uint32_t value) {
        align();
        for (int shift = 0; shift < 32; shift += 8) {
            octets_.push_back(static_cast<std::uint8_t>(value >> shift));
        }
    }
    void text(const std::string& value) {
        number(static_cast<std::uint32_t>(value.size() + 1));
        append(octets_, bytesOf(value));
        octet(0);
    }
    void sized(ByteView value) {
        number(static_cast<std::uint32_t>(value.size()));
        append(octets_, value);
    }
    void raw(ByteView value) {
        align();
        append(octets_, value);
    }
    const Bytes& octets() const { return octets_; }

  private:
    void align() { octets_.resize((octets_.size() + 3) / 4 * 4); }

    Bytes octets_;
};

/// The parts of an IOR that this program's ORB has written.
struct Ior {
    explicit Ior(const std::string& text) : octets(fromHex(std::string_view(text).substr(4))) {
        const std::uint32_t length = numberAt(4);
        const std::size_t behind = (8 + length + 3) / 4 * 4;
        count = numberAt(behind);
        profiles = ByteView(octets).subspan(behind + 4);
    }

    std::uint32_t numberAt(std::size_t at) const {
        std::uint32_t number = 0;
        for (std::size_t i = 4; i > 0; --i) number = number << 8 | octets.at(at + i - 1);
        return number;
    }

    Bytes octets;
    std::uint32_t count = 0;
    ByteView profiles;
};

/// The reference as one to an AgentControl, with further profiles in front.
std::string forge(const std::string& reference, const std::vector<Bytes>& further) {
    const Ior ior(reference);
    CdrWriter forged;
    forged.octet(1);
    forged.text(Coffer::AgentControl::_PD_repoId);
    forged.number(ior.count + static_cast<std::uint32_t>(further.size()));
    for (const Bytes& profile : further) {
        forged.number(IOP::TAG_MULTIPLE_COMPONENTS);
        forged.sized(profile);
    }
    forged.raw(ior.profiles);
    return "IOR:" + toHex(forged.octets());
}

/// A profile that says over whose connection the object is called.
Bytes connectionProfile(const std::string& peer) {
    CdrWriter name;
    name.octet(1);
    name.text(peer);
    CdrWriter profile;
    profile.octet(1);
    profile.number(1);
    profile.number(IOP::TAG_OMNIORB_BIDIR);
    profile.sized(name.octets());
    return profile.octets();
}

/// What a hostile agent gives to be called back.
class Callbacks : public testing::Test {
  protected:
    void expectRefused(const std::string& reference) {
        const CORBA::Object_var object = orb_.get()->string_to_object(reference.c_str());
        const Coffer::AgentControl_var control = Coffer::AgentControl::_unchecked_narrow(object);
        const CORBA::Object_var there = orb_.reach(server_.endpoint(), "CofferAgents");
        const Coffer::AgentPort_var port = Coffer::AgentPort::_unchecked_narrow(there);
        Coffer::AgentHello greeting;
        greeting.level = 1;
        Coffer::AgentWelcome_var welcome;
        expectError(
            ErrorCode::permissionDenied,
            [&] {
                rpc::call("attach", [&] {
                    const Coffer::AgentLink_var link =
                        port->attach(control, greeting, welcome.out());
                });
            },
            "elsewhere");
    }

    std::string textOf(CORBA::Object_ptr object) {
        const CORBA::String_var text = orb_.get()->object_to_string(object);
        return text.in();
    }

    /// A reference to an object of the agent's own.
    std::string ownReference() {
        const PortableServer::POA_var poa = orb_.poa("control");
        const PortableServer::ObjectId_var id = PortableServer::string_to_ObjectId("control");
        const CORBA::Object_var object =
            poa->create_reference_with_id(id, Coffer::AgentControl::_PD_repoId);
        return textOf(object);
    }

    TestNetwork network_;
    TestServer server_{network_.authority(), network_.server()};
    Orb orb_{network_.settings(OrbRole::agent, network_.identity("w7", Role::agent))};
};

TEST_F(Callbacks, ToTheServersOwnObjectsAreRefused) {
    const auto gate = gateOf(orb_, server_.endpoint());
    const Coffer::Session_var session = gate->login("user", "", 1);
    expectRefused(forge(textOf(session), {}));
}

TEST_F(Callbacks, OverAnotherPeersConnectionAreRefused) {
    expectRefused(forge(ownReference(), {connectionProfile("giop:ssl:127.0.0.1:4711")}));
    expectRefused(forge(ownReference(), {connectionProfile("")}));
    expectRefused(forge(ownReference(), {connectionProfile("giop:ssl:127.0.0.1:4711"),
                                         connectionProfile("giop:ssl:127.0.0.1:4712")}));
}

TEST_F(Callbacks, ToNobodyAreRefused) {
    const CORBA::Object_var none;
    expectRefused(textOf(none));
}

}  // namespace
}  // namespace coffer
