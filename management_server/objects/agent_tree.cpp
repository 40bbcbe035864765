#include "management_server/objects/agent_tree.h"

#include "core/base/error.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_server/objects/agent_answers.h"
#include "management_server/objects/deadline.h"

namespace coffer {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr CORBA::ULong pageLength = 2'000;
constexpr milliseconds whole{600'000};  // of what takes as long as there is much of it
constexpr milliseconds ofData{60'000};  // a MiB over a slow line
constexpr milliseconds pauseBetween{1'000};
constexpr std::size_t longestValue = 8'192;  // of a fact about an entry

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
        if (name != "link-target" && name != "link-target-hex") continue;
        const std::string value = form.more[i].value.in();
        if (value.size() > longestValue) {
            throw Error(ErrorCode::untrusted, "the agent told too long a text of a link");
        }
        entry.more.emplace(name, value);
    }
    return entry;
}

// What it takes in memory, roughly.
std::size_t octetsOf(const ObjectEntry& entry) {
    std::size_t octets = sizeof(ObjectEntry) + entry.name.size();
    for (const auto& [name, value] : entry.more) octets += value.size();
    return octets;
}

// What an agent says of itself is about what it was asked for, and no reason to stop the run.
Error asOfEntry(const Error& error) {
    if (error.code() != ErrorCode::internal && error.code() != ErrorCode::limitExceeded) {
        return error;
    }
    return Error(ErrorCode::ioError, error.what());
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

// Each process of an agent has a control of its own (agent_daemon.cpp).
Coffer::AgentControl_var AgentTree::reach(Needs needs) {
    Coffer::AgentControl_var control;
    try {
        control = control_(agent_);
    } catch (const Error& error) {
        if (error.code() == ErrorCode::unavailable) throw;
        throw Error(ErrorCode::unavailable, error.what()).endingRun();  // revoked, renamed
    }
    constexpr CORBA::ULong most = 0x7fff'ffff;
    const CORBA::ULong process = control->_hash(most);
    if (process_.value_or(process) != process) isAnother_ = true;
    process_ = process;
    if (isAnother_ && needs == Needs::sameProcess) {
        throw Error(ErrorCode::unavailable, "the agent " + agent_ +
                                                " was started anew meanwhile, and may have lost"
                                                " what was not on its disk yet: the next run looks"
                                                " what is left")
            .endingRun();
    }
    return control;
}

template <class Work>
auto AgentTree::ask(Work&& work, milliseconds deadline, Needs needs) {
    const auto end = steady_clock::now() + patience_;
    for (;;) {
        try {
            const Coffer::AgentControl_var control = reach(needs);
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
            // It is the callback that is gone, or the agent stops: it attaches anew.
            const ErrorCode code = error.code();
            const bool away = code == ErrorCode::unavailable || code == ErrorCode::gone ||
                              (code == ErrorCode::cancelled && !cancel_.requested());
            if (error.endsRun()) throw;
            if (!away) throw asOfEntry(error);
            if (!reached_ || steady_clock::now() >= end) {
                throw Error(ErrorCode::unavailable,
                            "the agent " + agent_ + " is away: " + error.what());
            }
        }
        rpc::pause(pauseBetween, cancel_);
    }
}

ObjectEntry AgentTree::stat(const std::string& path) {
    const auto stat = [&](Coffer::AgentControl_ptr agent) {
        return Coffer::Entry_var(agent->stat(rpc::toPath(path)));
    };
    const Coffer::Entry_var entry = ask(stat, ofOne, Needs::anyProcess);
    requireEntry(entry.in());
    return entryOf(entry.in());
}

std::unique_ptr<EntryCursor> AgentTree::list(const std::string& path) {
    // A page that is lost is lost: then all of it is asked for anew.
    return std::make_unique<ListedEntries>(
        ask([&](Coffer::AgentControl_ptr agent) { return listOnce(agent, path); }, ofOne,
            Needs::anyProcess));
}

std::vector<ObjectEntry> AgentTree::listOnce(Coffer::AgentControl_ptr agent,
                                             const std::string& path) {
    std::vector<ObjectEntry> found;
    std::size_t octets = 0;
    const auto add = [&](const Coffer::Entries& page) {
        constexpr std::size_t mostEntries = 6'000'000;
        constexpr std::size_t mostOctets = std::size_t{2} << 30;
        cancel_.check();
        requireEntries(page, pageLength);
        for (CORBA::ULong i = 0; i < page.length(); ++i) {
            found.push_back(entryOf(page[i]));
            octets += octetsOf(found.back());
        }
        if (found.size() > mostEntries || octets > mostOctets) {
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
        if (more && page->length() == 0) {  // what it keeps back would look deleted
            throw Error(ErrorCode::untrusted, "the agent " + agent_ + " gave an empty page");
        }
        add(page.in());
    }
    return found;
}

Bytes AgentTree::read(const std::string& path, std::uint64_t offset, std::size_t length) {
    const auto wanted = static_cast<CORBA::ULong>(length);
    const auto read = [&](Coffer::AgentControl_ptr agent) {
        return Coffer::Octets_var(agent->read(rpc::toPath(path), offset, wanted));
    };
    const Coffer::Octets_var data = ask(read, ofData, Needs::anyProcess);
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
        recursive ? whole : ofOne);
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
    const auto settle = [&](Coffer::AgentControl_ptr agent) {
        return Coffer::Entry_var(
            placing(agent)->settle(rpc::toPath(path), rpc::toPath(target), form, before));
    };
    const Coffer::Entry_var entry = ask(settle);
    requireEntry(entry.in());
    return entryOf(entry.in());
}

void AgentTree::flush(const std::string& path) {
    ask([&](Coffer::AgentControl_ptr agent) { placing(agent)->flush(rpc::toPath(path)); }, whole);
}

}  // namespace coffer
