#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/guarded.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "idl/agent.hh"

namespace coffer {

/// An iterator of an agent, as good or as bad as the test wants it.
class FakeIterator : public POA_Coffer::EntryIterator {
  public:
    using Next = std::function<bool(unsigned atMost, Coffer::Entries& page)>;

    FakeIterator(Next next, std::atomic<int>& closed) : next_(std::move(next)), closed_(closed) {}

    CORBA::Boolean next(CORBA::ULong atMost, Coffer::Entries_out page) override {
        return rpc::serve("next", [&]() -> CORBA::Boolean {
            Coffer::Entries_var filled = new Coffer::Entries;
            const bool more = next_(atMost, filled.inout());
            page = filled._retn();
            return more;
        });
    }
    void close() override { ++closed_; }

  private:
    const Next next_;
    std::atomic<int>& closed_;
};

/// An agent that notes what it is asked for and answers as scripted.
class FakeAgent : public POA_Coffer::AgentControl {
  public:
    std::vector<std::string> asked() {
        return asked_.with([](auto& asked) { return std::exchange(asked, {}); });
    }

    // What it answers.
    std::string kind = "folder";
    std::function<void()> before = [] {};
    std::function<Coffer::Entries*(unsigned atMost)> entries;
    Coffer::EntryIterator_var rest;
    std::size_t readLength = 5;
    CORBA::ULong facts = 0;

    void ping() override {}
    Coffer::Settings* describe() override { return new Coffer::Settings; }
    void startRun(const Coffer::RunOrder&) override {}
    void cancelRun(CORBA::LongLong) override {}

    Coffer::Entry* stat(const Coffer::PathOctets& where) override {
        ask("stat " + rpc::textOf(where));
        auto* entry = new Coffer::Entry;
        entry->kind = kind.c_str();
        entry->size = 7;
        entry->modified = {0, 0};
        entry->mode = 0;
        entry->more.length(facts);
        return entry;
    }
    Coffer::Entries* list(const Coffer::PathOctets& where, CORBA::ULong atMost,
                          Coffer::EntryIterator_out further) override {
        ask("list " + rpc::textOf(where) + " " + std::to_string(atMost));
        further = Coffer::EntryIterator::_duplicate(rest);
        return entries(atMost);
    }
    Coffer::Octets* read(const Coffer::PathOctets& where, CORBA::ULongLong offset,
                         CORBA::ULong length) override {
        ask("read " + rpc::textOf(where) + " " + std::to_string(offset) + " " +
            std::to_string(length));
        return new Coffer::Octets(rpc::toOctets(Bytes(readLength, 'x')));
    }
    void write(const Coffer::PathOctets& where, CORBA::ULongLong offset,
               const Coffer::Octets& data) override {
        ask("write " + rpc::textOf(where) + " " + std::to_string(offset) + " " +
            std::to_string(data.length()));
    }
    void resize(const Coffer::PathOctets& where, CORBA::ULongLong size) override {
        ask("resize " + rpc::textOf(where) + " " + std::to_string(size));
    }
    void createFile(const Coffer::PathOctets& where) override {
        ask("create-file " + rpc::textOf(where));
    }
    void createFolder(const Coffer::PathOctets& where) override {
        ask("create-folder " + rpc::textOf(where));
    }
    void erase(const Coffer::PathOctets& where, CORBA::Boolean recursive) override {
        ask("erase " + rpc::textOf(where) + (recursive ? " all" : ""));
    }
    void move(const Coffer::PathOctets& where, const Coffer::PathOctets& target) override {
        ask("move " + rpc::textOf(where) + " " + rpc::textOf(target));
    }
    void offerUpdate(const Coffer::Octets&) override { throw CORBA::BAD_OPERATION(); }
    void copy(const Coffer::PathOctets& where, const Coffer::PathOctets& target) override {
        ask("copy " + rpc::textOf(where) + " " + rpc::textOf(target));
    }

  private:
    void ask(std::string what) {
        asked_.with([&](auto& asked) { asked.push_back(std::move(what)); });
        rpc::serve("ask", before);
    }

    Guarded<std::vector<std::string>> asked_;
};

/// Entries "0", "1"… from `first` on.
inline Coffer::Entries* numbered(unsigned first, unsigned count) {
    auto* entries = new Coffer::Entries;
    entries->length(count);
    for (unsigned i = 0; i < count; ++i) {
        (*entries)[i].name = rpc::toPath(std::to_string(first + i));
        (*entries)[i].kind = "file";
        (*entries)[i].size = 0;
        (*entries)[i].modified = {0, 0};
        (*entries)[i].mode = 0;
    }
    return entries;
}

}  // namespace coffer
