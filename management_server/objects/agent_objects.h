#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "core/rpc/leases.h"
#include "idl/agent.hh"
#include "idl/objects.hh"
#include "management_server/access/session_table.h"
#include "management_server/objects/node_id.h"

namespace coffer {

/// The objects of agents as users reach them: who calls and what is called, checked, then asked of
/// the agent, whose answers are bounded. No user's program ever talks to an agent. Safe to share
/// between threads; no lock is held during a remote call.
///
/// Methods with the names of objects.idl are the bodies of its operations: in an upcall only, and
/// they throw Coffer::Failed alone.
class AgentObjects {
  public:
    enum class Kind { node, file, folder };

    struct Parts {
        SessionTable& sessions;

        /// AgentRegistry::control: the callback of an attached agent.
        std::function<Coffer::AgentControl_var(const std::string& agent)> control;

        /// Makes a reference to an object; `id` is encodeNodeId's.
        std::function<CORBA::Object_ptr(Kind kind, ByteView id)> reference;

        rpc::LeaseKeeper& iterators;
    };

    /// For how long an agent may keep silent.
    struct Deadlines {
        std::chrono::milliseconds brief{20'000};
        std::chrono::milliseconds whole{600'000};  // of what is done with everything in a folder
    };

    /// All parts outlive it and the iterators that it makes.
    explicit AgentObjects(Parts parts);
    AgentObjects(Parts parts, const Deadlines& deadlines);

    /// For AgentManager::root: the root folder of an agent. The caller has checked the session.
    Coffer::Folder_ptr root(const UserSession& session, const std::string& agent);

    // Node.
    Coffer::PathOctets* location();
    Coffer::Entry* attributes();
    void erase(bool recursive);
    void moveTo(const Coffer::PathOctets& target);
    void copyTo(const Coffer::PathOctets& target);

    // File.
    Coffer::Octets* read(std::uint64_t offset, std::uint32_t length);
    void write(std::uint64_t offset, const Coffer::Octets& data);
    void resize(std::uint64_t size);

    // Folder.
    Coffer::Entries* list(std::uint32_t atMost, Coffer::EntryIterator_out rest);
    Coffer::Node_ptr find(const Coffer::PathOctets& below);
    Coffer::File_ptr createFile(const Coffer::PathOctets& name);
    Coffer::Folder_ptr createFolder(const Coffer::PathOctets& name);

  private:
    /// What is being called.
    struct Called {
        UserSession session;
        NodeId node;
    };
    Called called(Right right);

    template <class Work>
    void change(const UserSession& session, const char* action, const NodeId& node,
                const std::string& target, Work&& work) const;
    template <class Work>
    auto ask(const std::string& agent, std::chrono::milliseconds deadline, Work&& work) const;
    template <class Interface>
    typename Interface::_ptr_type refer(const UserSession& session, const NodeId& node,
                                        Kind kind) const;
    Coffer::EntryIterator_ptr passOn(const Called& called, Coffer::EntryIterator_ptr rest);

    const Parts parts_;
    const Deadlines deadlines_;
};

}  // namespace coffer
