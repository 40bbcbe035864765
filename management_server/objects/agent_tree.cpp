#include "management_server/objects/agent_tree.h"

#include "core/base/error.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_server/objects/agent_answers.h"

namespace coffer {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr CORBA::ULong pageLength = 2'000;
constexpr milliseconds whole{600'000};  // of what takes as long as there is much of it
constexpr milliseconds ofData{60'000};  // a MiB over a slow line
constexpr milliseconds pauseBetween{1'000};

/// Calls of this thread to agents end in time; what it calls later is not concerned.
class Deadline {
  public:
    explicit Deadline(milliseconds deadline) { rpc::setDeadline(deadline); }
    ~Deadline() { rpc::setDeadline({}); }
    Deadline(const Deadline&) = delete;
    Deadline& operator=(const Deadline&) = delete;
};

/// Entries that have been asked for.
class ListedEntries : public EntryCursor {
  public:
    explicit ListedEntries(std::vector<ObjectEntry> entries) : entries_(std::move(entries)) {}

    std::optional<ObjectEntry> next() override {
        if (at_ == entries_.size()) return {};
        return std::move(entries_[at_++]);
    }

  private:
    std::vector<ObjectEntry> entries_;
    std::size_t at_ = 0;
};

ObjectEntry entryOf(const Coffer::Entry& form) {
    ObjectEntry entry;
    entry.name = rpc::textOf(form.name);
    entry.kind = form.kind.in();
    if (form.size >= 0) entry.size = static_cast<std::uint64_t>(form.size);
    if (form.modified.seconds != Coffer::unknownSeconds) {
        entry.modified = rpc::toTimestamp(form.modified);
    }
    entry.mode = form.mode;
    for (CORBA::ULong i = 0; i < form.more.length(); ++i) {
        const std::string name = form.more[i].name.in();
        if (name.starts_with("link-target")) entry.more.emplace(name, form.more[i].value.in());
    }
    return entry;
}

Coffer::Entry formOf(const ObjectEntry& entry) {
    Coffer::Entry form;
    form.kind = entry.kind.c_str();
    form.size = entry.size ? static_cast<CORBA::LongLong>(*entry.size) : Coffer::unknownSize;
    form.modified = rpc::toMoment(entry.modified);
    form.mode = entry.mode;
    return form;
}

// An agent that does not know these answers each with "unsupported".
Coffer::PlacingControl_var placing(Coffer::AgentControl_ptr agent) {
    return Coffer::PlacingControl::_unchecked_narrow(agent);
}

}  // namespace

template <class Work>
auto AgentTree::ask(Work&& work, milliseconds deadline) {
    const auto end = steady_clock::now() + patience_;
    for (;;) {
        try {
            const Coffer::AgentControl_var control = control_(agent_);
            const Deadline limit(deadline);
            if constexpr (std::is_void_v<decltype(work(control.in()))>) {
                rpc::call(agent_.c_str(), [&] { work(control.in()); });
                reached_ = true;
                return;
            } else {
                auto answer = rpc::call(agent_.c_str(), [&] { return work(control.in()); });
                reached_ = true;
                return answer;
            }
        } catch (const Error& error) {
            // It is the callback that is gone: the agent is attaching anew.
            const bool away =
                error.code() == ErrorCode::unavailable || error.code() == ErrorCode::gone;
            if (!away) throw;
            if (!reached_ || steady_clock::now() >= end) {
                throw Error(ErrorCode::unavailable,
                            "the agent " + agent_ + " is away: " + error.what());
            }
        }
        rpc::pause(pauseBetween, cancel_);
    }
}

ObjectEntry AgentTree::stat(const std::string& path) {
    const Coffer::Entry_var entry = ask([&](Coffer::AgentControl_ptr agent) {
        return Coffer::Entry_var(agent->stat(rpc::toPath(path)));
    });
    requireEntry(entry.in());
    return entryOf(entry.in());
}

std::unique_ptr<EntryCursor> AgentTree::list(const std::string& path) {
    // A page that is lost is lost: then all of it is asked for anew.
    return std::make_unique<ListedEntries>(
        ask([&](Coffer::AgentControl_ptr agent) { return listOnce(agent, path); }));
}

std::vector<ObjectEntry> AgentTree::listOnce(Coffer::AgentControl_ptr agent,
                                             const std::string& path) {
    std::vector<ObjectEntry> found;
    const auto add = [&](const Coffer::Entries& page) {
        constexpr std::size_t mostEntries = 6'000'000;
        cancel_.check();
        requireEntries(page, pageLength);
        for (CORBA::ULong i = 0; i < page.length(); ++i) found.push_back(entryOf(page[i]));
        if (found.size() > mostEntries) {
            throw Error(ErrorCode::limitExceeded,
                        "a folder of " + agent_ + " has too many entries");
        }
    };
    Coffer::EntryIterator_var rest;
    const Coffer::Entries_var first = agent->list(rpc::toPath(path), pageLength, rest.out());
    add(first.in());
    for (bool more = !CORBA::is_nil(rest); more;) {
        Coffer::Entries_var page;
        more = bool(rest->next(pageLength, page.out()));
        if (more && page->length() == 0) break;  // it would never end
        add(page.in());
    }
    return found;
}

Bytes AgentTree::read(const std::string& path, std::uint64_t offset, std::size_t length) {
    const auto wanted = static_cast<CORBA::ULong>(length);
    const auto read = [&](Coffer::AgentControl_ptr agent) {
        return Coffer::Octets_var(agent->read(rpc::toPath(path), offset, wanted));
    };
    const Coffer::Octets_var data = ask(read, ofData);
    requireLength(data.in(), length);
    return rpc::toBytes(data.in());
}

void AgentTree::write(const std::string& path, std::uint64_t offset, ByteView data) {
    const Coffer::Octets octets = rpc::toOctets(data);
    ask([&](Coffer::AgentControl_ptr agent) { agent->write(rpc::toPath(path), offset, octets); },
        ofData);
}

void AgentTree::createFile(const std::string& path) {
    ask([&](Coffer::AgentControl_ptr agent) { agent->createFile(rpc::toPath(path)); });
}

void AgentTree::createFolder(const std::string& path) {
    ask([&](Coffer::AgentControl_ptr agent) { agent->createFolder(rpc::toPath(path)); });
}

void AgentTree::createLink(const std::string& path, const std::string& text) {
    ask([&](Coffer::AgentControl_ptr agent) {
        placing(agent)->createLink(rpc::toPath(path), rpc::toPath(text));
    });
}

void AgentTree::erase(const std::string& path, bool recursive) {
    ask([&](Coffer::AgentControl_ptr agent) { agent->erase(rpc::toPath(path), recursive); },
        recursive ? whole : milliseconds(20'000));
}

void AgentTree::eraseAs(const std::string& path, const ObjectEntry& seen) {
    const Coffer::Entry form = formOf(seen);
    ask([&](Coffer::AgentControl_ptr agent) { placing(agent)->eraseAs(rpc::toPath(path), form); });
}

void AgentTree::move(const std::string& path, const std::string& target) {
    ask([&](Coffer::AgentControl_ptr agent) {
        agent->move(rpc::toPath(path), rpc::toPath(target));
    });
}

void AgentTree::copy(const std::string& path, const std::string& target) {
    ask(
        [&](Coffer::AgentControl_ptr agent) {
            agent->copy(rpc::toPath(path), rpc::toPath(target));
        },
        whole);
}

ObjectEntry AgentTree::settle(const std::string& path, const std::string& target,
                              const Look& wanted, const std::optional<ObjectEntry>& replaced) {
    ObjectEntry look;
    look.modified = wanted.modified;
    const Coffer::Entry before = formOf(replaced.value_or(ObjectEntry{}));
    if (!wanted.mode) look.kind = "keep-mode";
    look.mode = wanted.mode.value_or(0);
    const Coffer::Entry form = formOf(look);
    const Coffer::Entry_var entry = ask([&](Coffer::AgentControl_ptr agent) {
        return Coffer::Entry_var(
            placing(agent)->settle(rpc::toPath(path), rpc::toPath(target), form, before));
    });
    requireEntry(entry.in());
    return entryOf(entry.in());
}

void AgentTree::flush(const std::string& path) {
    ask([&](Coffer::AgentControl_ptr agent) { placing(agent)->flush(rpc::toPath(path)); }, whole);
}

}  // namespace coffer
