#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "management_server/status/source_state.h"

namespace coffer {

/// What lies below a component path, "office/laptops": the worst state, and how much is not
/// protected.
struct ComponentStatus {
    SourceState worst = SourceState::safe;
    std::size_t sources = 0;
    std::size_t troubled = 0;

    bool operator==(const ComponentStatus&) const = default;
};

/// Rolls the states of sources up: each counts at its own component and at all above it; "" is the
/// whole. Used by one thread.
class ComponentRollUp {
  public:
    /// Components of a path; deeper ones count at the last.
    static constexpr std::size_t deepest = 16;

    void add(std::string_view component, SourceState state);

    const std::map<std::string, ComponentStatus>& components() const { return components_; }
    ComponentStatus whole() const;

  private:
    std::map<std::string, ComponentStatus> components_;
};

}  // namespace coffer
