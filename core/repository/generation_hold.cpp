#include "core/repository/generation_hold.h"

#include "core/base/error.h"
#include "core/base/random.h"

namespace coffer {

GenerationHold::GenerationHold(Repository& repository, const AgentId& agent)
    : repository_(repository),
      session_(randomId<SessionId>()),
      generation_(repository.ledger().head().sequence) {
    repository_.ledger().beginSession({session_, agent, generation_});
}

GenerationHold::~GenerationHold() {
    try {
        repository_.ledger().endSession(session_);
    } catch (const Error&) {
        // The row stays until the repository is opened again; it only puts deletions off.
    }
}

}  // namespace coffer
