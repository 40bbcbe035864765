#include "management_server/objects/agent_objects.h"

#include <string_view>
#include <utility>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "core/rpc/paging_iterator.h"
#include "core/service/log.h"
#include "management_server/objects/agent_answers.h"
#include "management_server/objects/deadline.h"

namespace coffer {

namespace {

constexpr std::uint32_t longestPiece = 4 << 20;

void checkPiece(std::size_t length) {
    if (length > longestPiece) {
        throw Error(ErrorCode::invalidArgument,
                    std::to_string(length) + " octets at once are more than 4 MiB");
    }
}

AgentObjects::Kind kindOf(const Coffer::Entry& entry) {
    const std::string_view kind = entry.kind.in();
    if (kind == "folder") return AgentObjects::Kind::folder;
    return kind == "file" ? AgentObjects::Kind::file : AgentObjects::Kind::node;
}

/// The agent's own iterator. When nobody needs it any more it is closed.
class AgentIterator {
  public:
    AgentIterator(Coffer::EntryIterator_ptr iterator, std::chrono::milliseconds deadline)
        : iterator_(Coffer::EntryIterator::_duplicate(iterator)), deadline_(deadline) {}
    ~AgentIterator() {
        if (ended_) return;
        try {
            const Deadline limit(deadline_);
            iterator_->close();
        } catch (...) {
            // Its lease ends by itself.
        }
    }
    AgentIterator(const AgentIterator&) = delete;
    AgentIterator& operator=(const AgentIterator&) = delete;

    bool next(unsigned atMost, Coffer::Entries& page) {
        const Deadline limit(deadline_);
        Coffer::Entries_var got;
        const bool more =
            rpc::call("list", [&] { return bool(iterator_->next(atMost, got.out())); });
        ended_ = !more;
        requireEntries(got.in(), atMost);
        page = got.in();
        return more;
    }

  private:
    const Coffer::EntryIterator_var iterator_;
    const std::chrono::milliseconds deadline_;
    bool ended_ = false;
};

}  // namespace

AgentObjects::AgentObjects(Parts parts) : AgentObjects(std::move(parts), Deadlines{}) {}

AgentObjects::AgentObjects(Parts parts, const Deadlines& deadlines)
    : parts_(std::move(parts)), deadlines_(deadlines) {}

AgentObjects::Called AgentObjects::called(Right right) {
    UserSession session = parts_.sessions.requireAny();
    NodeId node = decodeNodeId(parts_.sessions.objectSuffix());
    parts_.sessions.check(session, right, Scope::of(node.agent));
    return {std::move(session), std::move(node)};
}

// Who changed what at an agent.
template <class Work>
void AgentObjects::change(const UserSession& session, const char* action, const NodeId& node,
                          const std::string& target, Work&& work) const {
    log(LogLevel::info, std::string("object.") + action,
        {{"user", session.user}, {"agent", node.agent}, {"path", node.path}, {"target", target}});
    Change entry{std::string("file-") + action, node.agent + ":" + printable(node.path)};
    if (!target.empty()) entry.after.emplace("target", printable(target));
    parts_.sessions.audited(session, entry, std::forward<Work>(work));
}

template <class Work>
auto AgentObjects::ask(const std::string& agent, std::chrono::milliseconds deadline,
                       Work&& work) const {
    const Coffer::AgentControl_var control = parts_.control(agent);
    const Deadline limit(deadline);
    try {
        return rpc::call(agent.c_str(), [&] { return work(control.in()); });
    } catch (const Error& error) {
        // It is the callback that is gone, not the object of the user.
        if (error.code() != ErrorCode::gone) throw;
        throw Error(ErrorCode::unavailable, agent + ": the agent is attaching anew");
    }
}

template <class Interface>
typename Interface::_ptr_type AgentObjects::refer(const UserSession& session, const NodeId& node,
                                                  Kind kind) const {
    const CORBA::Object_var made = parts_.reference(kind, encodeNodeId(session.id, node));
    return Interface::_unchecked_narrow(made);
}

Coffer::Folder_ptr AgentObjects::root(const UserSession& session, const std::string& agent) {
    return refer<Coffer::Folder>(session, {agent, "/"}, Kind::folder);
}

Coffer::PathOctets* AgentObjects::location() {
    return rpc::serve("location", [&] {
        return new Coffer::PathOctets(rpc::toPath(called(Right::look).node.path));
    });
}

Coffer::Entry* AgentObjects::attributes() {
    return rpc::serve("attributes", [&] {
        const NodeId node = called(Right::look).node;
        const Coffer::PathOctets path = rpc::toPath(node.path);
        Coffer::Entry_var entry = ask(
            node.agent, deadlines_.brief,
            [&](Coffer::AgentControl_ptr agent) { return Coffer::Entry_var(agent->stat(path)); });
        requireEntry(entry.in());
        return entry._retn();
    });
}

void AgentObjects::erase(bool recursive) {
    rpc::serve("erase", [&] {
        const Called it = called(Right::changeFiles);
        const Coffer::PathOctets path = rpc::toPath(it.node.path);
        change(it.session, "erase", it.node, {}, [&] {
            ask(it.node.agent, recursive ? deadlines_.whole : deadlines_.brief,
                [&](Coffer::AgentControl_ptr agent) { agent->erase(path, recursive); });
        });
    });
}

void AgentObjects::moveTo(const Coffer::PathOctets& target) {
    rpc::serve("moveTo", [&] {
        const Called it = called(Right::changeFiles);
        const std::string to = checkedNodePath(rpc::textOf(target));
        const Coffer::PathOctets path = rpc::toPath(it.node.path);
        change(it.session, "move", it.node, to, [&] {
            ask(it.node.agent, deadlines_.brief,
                [&](Coffer::AgentControl_ptr agent) { agent->move(path, target); });
        });
    });
}

void AgentObjects::copyTo(const Coffer::PathOctets& target) {
    rpc::serve("copyTo", [&] {
        const Called it = called(Right::changeFiles);
        const std::string to = checkedNodePath(rpc::textOf(target));
        const Coffer::PathOctets path = rpc::toPath(it.node.path);
        change(it.session, "copy", it.node, to, [&] {
            ask(it.node.agent, deadlines_.whole,
                [&](Coffer::AgentControl_ptr agent) { agent->copy(path, target); });
        });
    });
}

Coffer::Octets* AgentObjects::read(std::uint64_t offset, std::uint32_t length) {
    return rpc::serve("read", [&] {
        const NodeId node = called(Right::readFiles).node;
        checkPiece(length);
        const Coffer::PathOctets path = rpc::toPath(node.path);
        Coffer::Octets_var data =
            ask(node.agent, deadlines_.brief, [&](Coffer::AgentControl_ptr agent) {
                return Coffer::Octets_var(agent->read(path, offset, length));
            });
        requireLength(data.in(), length);
        return data._retn();
    });
}

void AgentObjects::write(std::uint64_t offset, const Coffer::Octets& data) {
    rpc::serve("write", [&] {
        const Called it = called(Right::changeFiles);
        checkPiece(data.length());
        const Coffer::PathOctets path = rpc::toPath(it.node.path);
        const auto write = [&] {
            ask(it.node.agent, deadlines_.brief,
                [&](Coffer::AgentControl_ptr agent) { agent->write(path, offset, data); });
        };
        // One entry for a file, not one for each of its pieces.
        if (offset > 0) return write();
        change(it.session, "write", it.node, {}, write);
    });
}

void AgentObjects::resize(std::uint64_t size) {
    rpc::serve("resize", [&] {
        const Called it = called(Right::changeFiles);
        const Coffer::PathOctets path = rpc::toPath(it.node.path);
        change(it.session, "resize", it.node, {}, [&] {
            ask(it.node.agent, deadlines_.brief,
                [&](Coffer::AgentControl_ptr agent) { agent->resize(path, size); });
        });
    });
}

Coffer::Entries* AgentObjects::list(std::uint32_t atMost, Coffer::EntryIterator_out rest) {
    return rpc::serve("list", [&] {
        const Called it = called(Right::look);
        rpc::checkPageLength(atMost);
        const Coffer::PathOctets path = rpc::toPath(it.node.path);
        Coffer::EntryIterator_var further;
        Coffer::Entries_var entries =
            ask(it.node.agent, deadlines_.brief, [&](Coffer::AgentControl_ptr agent) {
                return Coffer::Entries_var(agent->list(path, atMost, further.out()));
            });
        requireEntries(entries.in(), atMost);
        rest = passOn(it, further);
        return entries._retn();
    });
}

// The rest of a list by an iterator of this server.
Coffer::EntryIterator_ptr AgentObjects::passOn(const Called& called,
                                               Coffer::EntryIterator_ptr rest) {
    if (CORBA::is_nil(rest)) return Coffer::EntryIterator::_nil();
    const auto source = std::make_shared<AgentIterator>(rest, deadlines_.brief);
    const SessionKey key = called.session.id;
    SessionTable& sessions = parts_.sessions;
    return rpc::keepPages<Coffer::EntryIterator, rpc::EntryPages>(
        parts_.iterators, called.session.owner(),
        [&sessions, source, key](unsigned atMost, Coffer::Entries& page) {
            sessions.require(key);
            return source->next(atMost, page);
        });
}

Coffer::Node_ptr AgentObjects::find(const Coffer::PathOctets& below) {
    return rpc::serve("find", [&] {
        const Called it = called(Right::look);
        const NodeId found{it.node.agent, pathBelow(it.node.path, rpc::textOf(below))};
        const Coffer::PathOctets path = rpc::toPath(found.path);
        const Coffer::Entry_var entry = ask(
            found.agent, deadlines_.brief,
            [&](Coffer::AgentControl_ptr agent) { return Coffer::Entry_var(agent->stat(path)); });
        return refer<Coffer::Node>(it.session, found, kindOf(entry.in()));
    });
}

Coffer::File_ptr AgentObjects::createFile(const Coffer::PathOctets& name) {
    return rpc::serve("createFile", [&] {
        const Called it = called(Right::changeFiles);
        const NodeId made{it.node.agent, pathBelow(it.node.path, rpc::toName(name))};
        const Coffer::PathOctets path = rpc::toPath(made.path);
        change(it.session, "create-file", made, {}, [&] {
            ask(made.agent, deadlines_.brief,
                [&](Coffer::AgentControl_ptr agent) { agent->createFile(path); });
        });
        return refer<Coffer::File>(it.session, made, Kind::file);
    });
}

Coffer::Folder_ptr AgentObjects::createFolder(const Coffer::PathOctets& name) {
    return rpc::serve("createFolder", [&] {
        const Called it = called(Right::changeFiles);
        const NodeId made{it.node.agent, pathBelow(it.node.path, rpc::toName(name))};
        const Coffer::PathOctets path = rpc::toPath(made.path);
        change(it.session, "create-folder", made, {}, [&] {
            ask(made.agent, deadlines_.brief,
                [&](Coffer::AgentControl_ptr agent) { agent->createFolder(path); });
        });
        return refer<Coffer::Folder>(it.session, made, Kind::folder);
    });
}

}  // namespace coffer
