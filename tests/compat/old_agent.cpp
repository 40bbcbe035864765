// old_agent AUTHORITY IDENTITY HOST:PORT: an agent of an older level of the protocol. It is made of
// the IDL of that level and omniORB alone, so nothing of today's programs helps it to be
// understood. Prints what it is asked for, and ends with its standard input.

#include <omniORB4/CORBA.h>
#include <omniORB4/sslContext.h>

#include <omniORB4/BiDirPolicy.h>  // needs those above

#include <chrono>
#include <cstring>
#include <iostream>
#include <string>
#include <thread>

#include "agent.hh"

namespace {

Coffer::Settings settingsOf(std::initializer_list<std::pair<const char*, const char*>> pairs) {
    Coffer::Settings settings;
    settings.length(static_cast<CORBA::ULong>(pairs.size()));
    CORBA::ULong at = 0;
    for (const auto& [name, value] : pairs) {
        settings[at].name = name;
        settings[at++].value = value;
    }
    return settings;
}

Coffer::Settings facts() {
    return settingsOf(
        {{"host", "old"}, {"system", "Linux"}, {"version", "0.0.1"}, {"features", ""}});
}

void say(const std::string& line) {
    std::cout << line << std::endl;
}

class OldControl : public POA_Coffer::AgentControl {
  public:
    Coffer::AgentLink_var link;

    void ping() override {}
    Coffer::Settings* describe() override { return new Coffer::Settings(facts()); }

    // Every run fails at once; the result is told from another thread, as agents do.
    void startRun(const Coffer::RunOrder& order) override {
        say("startRun " + std::string(order.kind));
        Coffer::RunResult result;
        result.run = order.run;
        result.attempt = order.attempt;
        result.outcome = "failed";
        result.message = "this agent is too old";
        result.counts = settingsOf({{"files", "3"}});
        ended_ = std::thread([this, result] { link->finished(result); });
    }
    void cancelRun(CORBA::LongLong) override {}
    void wait() {
        if (ended_.joinable()) ended_.join();
    }

    Coffer::Entry* stat(const Coffer::PathOctets&) override { return new Coffer::Entry(entry("")); }
    Coffer::Entries* list(const Coffer::PathOctets&, CORBA::ULong,
                          Coffer::EntryIterator_out rest) override {
        rest = Coffer::EntryIterator::_nil();
        Coffer::Entries_var entries = new Coffer::Entries;
        entries->length(1);
        entries[0] = entry("of-old");
        return entries._retn();
    }
    Coffer::Octets* read(const Coffer::PathOctets&, CORBA::ULongLong, CORBA::ULong) override {
        return new Coffer::Octets;
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

  private:
    static Coffer::Entry entry(const char* name) {
        Coffer::Entry entry;
        entry.name.length(static_cast<CORBA::ULong>(std::strlen(name)));
        std::memcpy(entry.name.get_buffer(), name, std::strlen(name));
        entry.kind = *name ? "file" : "folder";
        entry.size = 5;
        entry.modified.seconds = 1'000;
        entry.modified.nanoseconds = 0;
        entry.mode = 0644;
        return entry;
    }
    static void refuse() { throw Coffer::Failed("permission-denied", "old", 0, {}); }

    std::thread ended_;
};

CORBA::ORB_ptr startOrb(const char* authority, const char* identity) {
    const char* options[][2] = {{"sslCAFile", authority},
                                {"sslKeyFile", identity},
                                {"sslKeyPassword", ""},  // without one omniORB takes no key
                                {"sslVerifyMode", "peer"},
                                {"nativeCharCodeSet", "UTF-8"},
                                {"endPoint", "giop:ssl:127.0.0.1:"},
                                {"offerBiDirectionalGIOP", "1"},
                                {"clientTransportRule", "* ssl,bidir"},
                                {nullptr, nullptr}};
    int count = 0;
    return CORBA::ORB_init(count, nullptr, "omniORB4", options);
}

// Objects that take calls over connections which this program has opened.
PortableServer::POA_ptr bidirectional(CORBA::ORB_ptr orb) {
    const CORBA::Object_var object = orb->resolve_initial_references("RootPOA");
    const PortableServer::POA_var root = PortableServer::POA::_narrow(object);
    const PortableServer::POAManager_var manager = root->the_POAManager();
    manager->activate();
    CORBA::PolicyList policies;
    policies.length(1);
    policies[0] = new BiDirPolicy::BidirectionalPolicy(BiDirPolicy::BOTH);
    return root->create_POA("control", manager, policies);
}

void run(const char* authority, const char* identity, const std::string& server) {
    const CORBA::ORB_var orb = startOrb(authority, identity);
    const PortableServer::POA_var poa = bidirectional(orb);
    const PortableServer::Servant_var<OldControl> control = new OldControl;
    const PortableServer::ObjectId_var id = poa->activate_object(control);
    const CORBA::Object_var own = poa->id_to_reference(id);

    const std::string address = "corbaloc:ssliop:1.2@" + server + "/%ffknown%00CofferAgents";
    const CORBA::Object_var object = orb->string_to_object(address.c_str());
    const Coffer::AgentPort_var port = Coffer::AgentPort::_unchecked_narrow(object);
    Coffer::AgentHello hello;
    hello.level = Coffer::protocolLevel;
    hello.facts = facts();
    Coffer::AgentWelcome_var welcome;
    control->link = port->attach(Coffer::AgentControl::_narrow(own), hello, welcome.out());
    say("attached " + std::to_string(welcome->level));
    control->link->heartbeat();
    std::cin.get();
    control->link->heartbeat();
    control->link->detach();
    control->wait();
}

}  // namespace

int main(int count, char** words) {
    if (count != 4) return 2;
    try {
        run(words[1], words[2], words[3]);
        return 0;
    } catch (const Coffer::Failed& error) {
        std::cerr << error.code.in() << ": " << error.message.in() << '\n';
    } catch (const CORBA::Exception& error) {
        std::cerr << error._name() << '\n';
    }
    return 1;
}
