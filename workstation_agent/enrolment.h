#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/trust/pinned_authority.h"
#include "idl/management.hh"
#include "workstation_agent/agent_folder.h"

namespace coffer {

/// A token as the server gives it out: "cft1-FINGERPRINT-SECRET", both of 64 hexadecimal digits.
struct EnrolmentToken {
    std::string text;         // all of it, a secret
    std::string fingerprint;  // of the server's authority

    /// Spaces and line ends round it are passed over. Throws Error(invalidArgument), which never
    /// repeats it.
    static EnrolmentToken parse(std::string_view text);
};

/// How an enrolment reaches the server; tests put their own here.
struct EnrolmentWay {
    /// As the function of that name.
    std::function<std::string(const Endpoint& server, const std::string& fingerprint)>
        fetchAuthority;

    /// Runs `work` with the server's gate, reached over TLS that trusts the authority in this file.
    std::function<void(const Endpoint& server, const std::string& authorityFile,
                       const std::function<void(Coffer::Gate_ptr)>& work)>
        withGate;
};

EnrolmentWay enrolmentOverNetwork();

/// By which keys an agent signs what it stores.
enum class AgentKeysOf {
    itself,  // new ones
    before   // those in the folder, for a server that has lost its database: it stays the agent
             // whose backups the repositories know
};

/// Enrols this computer as an agent: makes its keys, has the server sign its certificate, and
/// writes both into the state folder, which the caller has locked. What was there before stays
/// until the server has agreed. Gives the agent's name. Errors say what to do about them.
std::string enrol(AgentFolder& folder, const Endpoint& server, const EnrolmentToken& token,
                  const EnrolmentWay& way, AgentKeysOf keys = AgentKeysOf::itself);

}  // namespace coffer
