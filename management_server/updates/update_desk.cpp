#include "management_server/updates/update_desk.h"

#include <algorithm>
#include <set>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/service/log.h"
#include "management_server/agents/agent_error.h"

namespace coffer {

namespace {

using State = AgentUpdate::State;

constexpr std::size_t longestMessage = 500;

bool hasFeature(const rpc::SettingMap& facts, std::string_view wanted) {
    const std::string features = "," + rpc::textIn(facts, "features") + ",";
    return features.find("," + std::string(wanted) + ",") != features.npos;
}

// What an agent says is not trusted. Cut first: half a character is made printable, too.
std::string told(const std::string& text) {
    return printable(text.substr(0, longestMessage));
}

}  // namespace

void UpdateDesk::look() {
    const std::vector<AgentUpdate> known = parts_.updates.list();
    if (std::ranges::none_of(known, &AgentUpdate::open)) return;
    endThoseShutOut(known);
    const std::vector<AgentUpdate> updates = parts_.updates.list();
    std::set<std::string> attached;
    for (const AgentUpdate& update : updates) {
        if (!update.open() || !parts_.calls.isAttached(update.agent)) continue;
        attached.insert(update.agent);
        if (update.state == State::offered) ask(update);
    }
    const std::vector<AgentUpdate> now = parts_.updates.list();
    for (const std::string& agent : nextToTell(now, attached)) {
        tell(*std::ranges::find(now, agent, &AgentUpdate::agent));
    }
}

// They would hold up everybody else for ever.
void UpdateDesk::endThoseShutOut(const std::vector<AgentUpdate>& updates) {
    for (const AgentUpdate& update : updates) {
        if (!update.open() || parts_.calls.mayAttach(update.agent)) continue;
        enter(update, State::stopped, "the agent is revoked or suspended");
    }
}

void UpdateDesk::tell(const AgentUpdate& update) {
    try {
        const rpc::SettingMap facts = parts_.calls.describe(update.agent);
        if (rpc::textIn(facts, "version") == update.version.text()) {
            return enter(update, State::done, "");
        }
        offer(update, facts);
    } catch (const Error& error) {
        log(LogLevel::debug, "update.not-told", {{"agent", update.agent}, {"error", error.what()}});
    }
}

void UpdateDesk::offer(const AgentUpdate& update, const rpc::SettingMap& facts) {
    if (!hasFeature(facts, "updates")) {
        return enter(update, State::refused,
                     "unsupported: this agent cannot update itself, install the new version there");
    }
    try {
        const std::string platform = rpc::textIn(facts, "platform");
        parts_.calls.offer(update.agent, parts_.shelf.head(update.version, platform));
    } catch (const Error& error) {
        // Nothing queues here: a limit is one of the package.
        if (mayTakeLater(error) && error.code() != ErrorCode::limitExceeded) throw;
        return enter(update, State::refused,
                     std::string(nameOf(error.code())) + ": " + told(error.what()));
    }
    enter(update, State::offered, "");
}

// One that knows nothing of its offer was restarted before it had all of the package.
void UpdateDesk::ask(const AgentUpdate& update) {
    try {
        const rpc::SettingMap facts = parts_.calls.describe(update.agent);
        const bool its = rpc::textIn(facts, "update-version") == update.version.text();
        const std::string state = its ? rpc::textIn(facts, "update-state") : "";
        const std::string message = told(rpc::textIn(facts, "update-message"));
        if (state == "failed") return enter(update, State::failed, message);
        if (state == "refused") return enter(update, State::refused, message);
        const bool trial = state == "trial";
        if (!trial && rpc::textIn(facts, "version") == update.version.text()) {
            return enter(update, State::done, "");
        }
        if (state.empty() || state == "done") return offer(update, facts);
        enter(update, State::offered, told(state) + (message.empty() ? "" : ": " + message));
    } catch (const Error& error) {
        log(LogLevel::debug, "update.not-asked",
            {{"agent", update.agent}, {"error", error.what()}});
    }
}

void UpdateDesk::enter(const AgentUpdate& update, AgentUpdate::State state,
                       const std::string& message) {
    if (!parts_.updates.enter(update, state, message)) return;
    const std::string version = update.version.text();
    if (state == State::done) {
        parts_.events.add("agent-updated", update.agent,
                          "agent " + update.agent + " runs version " + version,
                          {{"version", version}, {"user", update.user}});
    } else if (state == State::refused || state == State::failed) {
        parts_.events.add(
            "agent-update-failed", update.agent,
            "agent " + update.agent + " did not take version " + version + ": " + message,
            {{"version", version},
             {"user", update.user},
             {"state", std::string(nameOf(state))},
             {"message", message}});
    }
    if (state == State::failed) {
        parts_.updates.stopWaiting("agent " + update.agent + " went back to its old version");
    }
}

}  // namespace coffer
