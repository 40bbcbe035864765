#include "workstation_agent/agent_control.h"

#include <memory>
#include <utility>

#include "core/base/error.h"
#include "core/rpc/caller.h"
#include "core/rpc/failure.h"
#include "core/rpc/paging_iterator.h"
#include "workstation_agent/wire_forms.h"

namespace coffer {

namespace {

// All iterators of this agent belong to its one server.
constexpr const char* leaseOwner = "server";

// The tree checks the path itself.
std::string pathOf(const Coffer::PathOctets& octets) {
    if (octets.length() > rpc::longestPath) {
        throw Error(ErrorCode::invalidArgument,
                    "a path of " + std::to_string(octets.length()) + " octets is too long");
    }
    return rpc::textOf(octets);
}

void checkStretch(std::uint64_t length) {
    if (length <= longestStretch) return;
    throw Error(ErrorCode::invalidArgument, "at most " + std::to_string(longestStretch) +
                                                " octets at a time, not " + std::to_string(length));
}

}  // namespace

/// A call under way.
class AgentControlServant::Call {
  public:
    explicit Call(Guarded<Calls>& calls) : calls_(calls) {
        calls_.with([](Calls& all) {
            if (all.closed) throw Error(ErrorCode::unavailable, "the agent is stopping");
            ++all.underWay;
        });
    }
    ~Call() {
        calls_.change([](Calls& all) { --all.underWay; });
    }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

  private:
    Guarded<Calls>& calls_;
};

void AgentControlServant::close() {
    calls_.with([](Calls& all) { all.closed = true; });
    calls_.when([](const Calls& all) { return all.underWay == 0; }, [](Calls&) {});
}

void AgentControlServant::requireServer() {
    const rpc::Caller caller = rpc::currentCaller();
    if (caller.local || caller.is(Role::server)) return;
    throw Error(ErrorCode::permissionDenied, "only the server may ask this of an agent");
}

template <class Work>
decltype(auto) AgentControlServant::serve(const char* operation, Work&& work) {
    return rpc::serve(operation, [&]() -> decltype(auto) {
        const Call call(calls_);
        parts_.checkCaller();
        return work();
    });
}

Coffer::Settings* AgentControlServant::describe() {
    return serve("describe", [&] { return new Coffer::Settings(rpc::toSettings(parts_.facts())); });
}

void AgentControlServant::startRun(const Coffer::RunOrder& order) {
    serve("startRun", [&] { parts_.start(fromWire(order)); });
}

void AgentControlServant::cancelRun(CORBA::LongLong run) {
    serve("cancelRun", [&] { parts_.cancel(run); });
}

Coffer::Entry* AgentControlServant::stat(const Coffer::PathOctets& where) {
    return serve("stat",
                 [&] { return new Coffer::Entry(toWire(parts_.tree.stat(pathOf(where)))); });
}

Coffer::Entries* AgentControlServant::list(const Coffer::PathOctets& where, CORBA::ULong atMost,
                                           Coffer::EntryIterator_out rest) {
    return serve("list", [&] {
        rpc::checkPageLength(atMost);
        rest = Coffer::EntryIterator::_nil();
        const auto pages = std::make_shared<PagedEntries>(parts_.tree.list(pathOf(where)));
        const PagedEntries::Page first = pages->next(atMost);
        auto entries = std::make_unique<Coffer::Entries>();
        toWire(first, *entries);
        if (first.more) rest = iteratorOver(pages);
        return entries.release();
    });
}

Coffer::EntryIterator_ptr AgentControlServant::iteratorOver(std::shared_ptr<PagedEntries> pages) {
    const auto fill = [pages = std::move(pages), check = parts_.checkCaller](
                          unsigned atMost, Coffer::Entries& entries) {
        check();
        const PagedEntries::Page page = pages->next(atMost);
        toWire(page, entries);
        return page.more;
    };
    return rpc::keepPages<Coffer::EntryIterator, rpc::EntryPages>(parts_.iterators, leaseOwner,
                                                                  fill);
}

Coffer::Octets* AgentControlServant::read(const Coffer::PathOctets& where, CORBA::ULongLong offset,
                                          CORBA::ULong length) {
    return serve("read", [&] {
        checkStretch(length);
        return new Coffer::Octets(rpc::toOctets(parts_.tree.read(pathOf(where), offset, length)));
    });
}

void AgentControlServant::write(const Coffer::PathOctets& where, CORBA::ULongLong offset,
                                const Coffer::Octets& data) {
    serve("write", [&] {
        checkStretch(data.length());
        parts_.tree.write(pathOf(where), offset, rpc::viewOf(data));
    });
}

void AgentControlServant::resize(const Coffer::PathOctets& where, CORBA::ULongLong size) {
    serve("resize", [&] { parts_.tree.resize(pathOf(where), size); });
}

void AgentControlServant::createFile(const Coffer::PathOctets& where) {
    serve("createFile", [&] { parts_.tree.createFile(pathOf(where)); });
}

void AgentControlServant::createFolder(const Coffer::PathOctets& where) {
    serve("createFolder", [&] { parts_.tree.createFolder(pathOf(where)); });
}

void AgentControlServant::erase(const Coffer::PathOctets& where, CORBA::Boolean recursive) {
    serve("erase", [&] { parts_.tree.erase(pathOf(where), recursive); });
}

void AgentControlServant::move(const Coffer::PathOctets& where, const Coffer::PathOctets& target) {
    serve("move", [&] { parts_.tree.move(pathOf(where), pathOf(target)); });
}

void AgentControlServant::copy(const Coffer::PathOctets& where, const Coffer::PathOctets& target) {
    serve("copy", [&] { parts_.tree.copy(pathOf(where), pathOf(target)); });
}

void AgentControlServant::createLink(const Coffer::PathOctets& where,
                                     const Coffer::PathOctets& target) {
    serve("createLink", [&] {
        constexpr CORBA::ULong longestLink = 4096;
        if (target.length() > longestLink) {
            throw Error(ErrorCode::invalidArgument, "a link has at most 4,096 octets");
        }
        parts_.tree.createLink(pathOf(where), rpc::textOf(target));
    });
}

Coffer::Entry* AgentControlServant::settle(const Coffer::PathOctets& where,
                                           const Coffer::PathOctets& target,
                                           const Coffer::Entry& wanted,
                                           const Coffer::Entry& replaced) {
    return serve("settle", [&] {
        const ObjectEntry asked = fromWire(wanted);
        ObjectTree::Look look{asked.modified, asked.mode};
        if (asked.kind == "keep-mode") look.mode.reset();
        std::optional<ObjectEntry> there;
        if (*replaced.kind.in() != '\0') there = fromWire(replaced);
        return new Coffer::Entry(
            toWire(parts_.tree.settle(pathOf(where), pathOf(target), look, there)));
    });
}

void AgentControlServant::eraseAs(const Coffer::PathOctets& where, const Coffer::Entry& seen) {
    serve("eraseAs", [&] { parts_.tree.eraseAs(pathOf(where), fromWire(seen)); });
}

void AgentControlServant::flush(const Coffer::PathOctets& where) {
    serve("flush", [&] { parts_.tree.flush(pathOf(where)); });
}

void AgentControlServant::offerUpdate(const Coffer::Octets& head) {
    serve("offerUpdate", [&] { parts_.offer(rpc::viewOf(head)); });
}

void AgentControlServant::refuseUpdates(ByteView) {
    throw Error(ErrorCode::unsupported, "this agent takes no updates");
}

}  // namespace coffer
