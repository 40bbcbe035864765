#include "management_server/objects/agent_answers.h"

#include "core/base/error.h"
#include "core/rpc/convert.h"

namespace coffer {

namespace {

constexpr CORBA::ULong mostFacts = 100;

[[noreturn]] void refuse(const char* why) {
    throw Error(ErrorCode::untrusted, std::string("the agent's answer makes no sense: ") + why);
}

}  // namespace

void requireEntry(const Coffer::Entry& entry) {
    if (entry.name.length() > rpc::longestName) refuse("a name that is too long");
    if (entry.more.length() > mostFacts) refuse("too much about an entry");
}

void requireEntries(const Coffer::Entries& entries, std::size_t atMost) {
    if (entries.length() > atMost) refuse("more entries than were asked for");
    for (CORBA::ULong i = 0; i < entries.length(); ++i) {
        requireEntry(entries[i]);
        try {
            rpc::toName(entries[i].name);
        } catch (const Error&) {
            refuse("an entry without a proper name");
        }
    }
}

void requireLength(const Coffer::Octets& data, std::size_t atMost) {
    if (data.length() > atMost) refuse("more octets than were asked for");
}

}  // namespace coffer
