#pragma once

#include "management_panel/client/agent_tree.h"
#include "management_panel/client/copy_end.h"

namespace coffer::client {

/// An agent's files as one side of a copy.
class AgentEnd : public CopyEnd {
  public:
    explicit AgentEnd(AgentTree tree) : tree_(std::move(tree)) {}

    const AgentTree& tree() const { return tree_; }
    std::optional<CopyItem> look(const std::string& path) override;
    void list(const std::string& path, const std::function<void(const CopyItem&)>& take) override;
    void read(const std::string& path, const std::function<void(ByteView)>& take,
              const CancelToken& cancel) override;
    std::unique_ptr<CopyWriter> create(const std::string& path) override;
    void makeFolder(const std::string& path) override;

  private:
    AgentTree tree_;
};

}  // namespace coffer::client
