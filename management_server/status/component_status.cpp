#include "management_server/status/component_status.h"

#include <algorithm>

namespace coffer {

void ComponentRollUp::add(std::string_view component, SourceState state) {
    const auto count = [&](std::string_view path) {
        ComponentStatus& status = components_[std::string(path)];
        status.worst = std::max(status.worst, state);
        ++status.sources;
        if (state != SourceState::safe) ++status.troubled;
    };
    count("");
    std::size_t depth = 0;
    for (std::size_t end = 0; end < component.size() && ++depth < deepest;) {
        end = component.find('/', end);
        if (end == std::string_view::npos) break;
        if (end > 0) count(component.substr(0, end));
        ++end;
    }
    if (!component.empty()) count(component);
}

ComponentStatus ComponentRollUp::whole() const {
    const auto found = components_.find("");
    return found == components_.end() ? ComponentStatus{} : found->second;
}

}  // namespace coffer
