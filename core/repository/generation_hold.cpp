#include "core/repository/generation_hold.h"

#include "core/base/error.h"
#include "core/base/random.h"

namespace coffer {

// Noted first, caught up then: what another program decided before it saw the note is known by the
// time that anything is promised.
GenerationHold::GenerationHold(Repository& repository, const AgentId& agent)
    : repository_(repository),
      session_(randomId<SessionId>()),
      generation_(repository.ledger().head().sequence) {
    repository_.running().begin({session_, agent, generation_});
    try {
        repository_.refresh();
    } catch (...) {
        end();
        throw;
    }
}

GenerationHold::~GenerationHold() {
    end();
}

void GenerationHold::end() noexcept {
    try {
        repository_.running().end(session_);
    } catch (const Error&) {
        // The row stays until the repository is opened again; it only puts deletions off.
    }
}

}  // namespace coffer
