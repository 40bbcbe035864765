#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "core/agent/object_tree.h"
#include "core/base/cancel.h"
#include "idl/placing.hh"

namespace coffer {

/// The folders and files of an agent as the server reaches them; what it allows is its own
/// business. Answers are bounded: Error(untrusted) for one that no honest agent gives. Of entries
/// it tells what a synchronisation needs. Used by one thread.
///
/// An agent that is away at the first call is Error(unavailable), unless it was there before; one
/// that goes away later is waited for. What is asked again then may have been done: such errors
/// (alreadyExists, notFound) are the caller's to bear with. Of an agent whose process is another
/// one than at the first call, as its computer may have been started anew, all that changes
/// something and flush() end the run with Error(unavailable): what was written before may be lost.
///
/// An agent that is revoked or renamed meanwhile ends it, too. Of what it answers "cancelled" is as
/// if it were away, and a defect or a limit of its own is Error(ioError).
class AgentTree : public ObjectTree {
  public:
    using Control = std::function<Coffer::AgentControl_var(const std::string& agent)>;

    /// `control` is AgentRegistry::control. A request to stop ends the waiting, and
    /// no single call, so that what was begun can be taken away. `cancel` outlives
    /// it.
    AgentTree(std::string agent, Control control, const CancelToken& cancel, bool wasThere = false,
              std::chrono::seconds patience = std::chrono::seconds(120))
        : agent_(std::move(agent)),
          control_(std::move(control)),
          cancel_(cancel),
          patience_(patience),
          reached_(wasThere) {}

    ObjectEntry stat(const std::string& path) override;

    /// All of them are asked for before it returns.
    std::unique_ptr<EntryCursor> list(const std::string& path) override;
    Bytes read(const std::string& path, std::uint64_t offset, std::size_t length) override;
    void write(const std::string& path, std::uint64_t offset, ByteView data) override;
    void createFile(const std::string& path) override;
    void createFolder(const std::string& path) override;
    void createLink(const std::string& path, const std::string& text) override;
    void erase(const std::string& path, bool recursive) override;
    void eraseAs(const std::string& path, const ObjectEntry& seen) override;
    void move(const std::string& path, const std::string& target) override;
    void copy(const std::string& path, const std::string& target) override;
    ObjectEntry settle(const std::string& path, const std::string& target, const Look& wanted,
                       const std::optional<ObjectEntry>& replaced) override;
    void flush(const std::string& path) override;

  private:
    static constexpr std::chrono::milliseconds ofOne{20'000};

    /// What a call goes on with: what another process has written may not be there any more.
    enum class Needs { anyProcess, sameProcess };

    Coffer::AgentControl_var reach(Needs needs);
    template <class Work>
    auto ask(Work&& work, std::chrono::milliseconds deadline = ofOne,
             Needs needs = Needs::sameProcess);
    std::vector<ObjectEntry> listOnce(Coffer::AgentControl_ptr agent, const std::string& path);

    const std::string agent_;
    const Control control_;
    const CancelToken& cancel_;
    const std::chrono::seconds patience_;
    bool reached_;
    std::optional<std::uint32_t> process_{};  // that was asked last
    bool isAnother_ = false;                  // than the first
};

}  // namespace coffer
