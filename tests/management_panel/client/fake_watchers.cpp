#include "tests/management_panel/client/fake_watchers.h"

#include <memory>

#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "tests/management_panel/client/fake_nodes.h"
#include "tests/management_panel/client/fake_server.h"

namespace coffer::fake {

namespace {

template <class Sequence, class Value>
void append(Sequence& sequence, const Value& value) {
    sequence.length(sequence.length() + 1);
    sequence[sequence.length() - 1] = value;
}

class EventLogServant : public POA_Coffer::EventLog {
  public:
    explicit EventLogServant(Server& server) : server_(server) {}

    Coffer::Events* since(CORBA::ULongLong after, CORBA::ULong atMost, CORBA::ULong) override {
        return new Coffer::Events(pageBehind(after, atMost).list);
    }

    Coffer::EventPage* select(const Coffer::EventFilter& filter, CORBA::ULongLong after,
                              CORBA::ULong atMost, CORBA::ULong) override {
        noteFilter(filter);
        return new Coffer::EventPage(pageBehind(after, atMost));
    }

    CORBA::ULongLong lease(const char* name, CORBA::ULong, CORBA::ULongLong) override {
        server_.calls.push_back("lease " + std::string(name));
        return server_.leased;
    }

    Coffer::EventPage* next(const char*, const Coffer::EventFilter& filter, CORBA::ULong atMost,
                            CORBA::ULong) override {
        return rpc::serve("next", [&] {
            if (server_.eventsGone) throw Error(ErrorCode::gone, "events are not kept any more");
            noteFilter(filter);
            return new Coffer::EventPage(pageBehind(server_.leased, atMost));
        });
    }

    void taken(const char* name, CORBA::ULongLong number) override {
        server_.calls.push_back("taken " + std::string(name) + " " + std::to_string(number));
        server_.leased = number;
    }

    Coffer::EventLeases* leases() override { return new Coffer::EventLeases; }
    void endLease(const char*) override {}

  private:
    void noteFilter(const Coffer::EventFilter& filter) {
        for (const std::string& kind : rpc::toTexts(filter.kinds)) {
            server_.calls.push_back("kind " + kind);
        }
    }

    Coffer::EventPage pageBehind(CORBA::ULongLong after, CORBA::ULong atMost) const {
        Coffer::EventPage page;
        page.position = after;
        for (const Coffer::Event& event : server_.events) {
            if (event.number <= after || page.list.length() == atMost) continue;
            append(page.list, event);
            page.position = event.number;
        }
        page.newest = server_.events.empty() ? 0 : server_.events.back().number;
        return page;
    }

    Server& server_;
};

class RunLogServant : public POA_Coffer::RunLog {
  public:
    explicit RunLogServant(Server& server) : server_(server) {}

    // Two at a time, so that pages follow one another.
    Coffer::LogPage* entries(CORBA::LongLong run, const Coffer::LogFilter& filter,
                             CORBA::ULongLong after, CORBA::ULong) override {
        server_.calls.push_back("log " + std::to_string(run) + " " + filter.least.in() + " " +
                                rpc::textOf(filter.below) + " " + filter.text.in());
        auto page = std::make_unique<Coffer::LogPage>();
        page->position = after;
        page->more = false;
        for (const Coffer::LogEntry& entry : server_.logEntries) {
            if (entry.number <= after) continue;
            if (page->list.length() == 2) {
                page->more = true;
                break;
            }
            append(page->list, entry);
            page->position = entry.number;
        }
        return page.release();
    }

  private:
    Server& server_;
};

class StatusBoardServant : public POA_Coffer::StatusBoard {
  public:
    explicit StatusBoardServant(Server& server) : server_(server) {}

    Coffer::StatusReport* report(const char* componentPath) override {
        server_.calls.push_back("report " + std::string(componentPath));
        return new Coffer::StatusReport(server_.status);
    }
    void acknowledge(const char* source, const char* reason, const Coffer::Moment&) override {
        server_.calls.push_back("acknowledge " + std::string(source) + " " + reason);
    }
    void withdraw(const char* source) override {
        server_.calls.push_back("withdraw " + std::string(source));
    }
    void drop(const char* source) override {
        server_.calls.push_back("drop " + std::string(source));
    }

  private:
    Server& server_;
};

class QueueBoardServant : public POA_Coffer::QueueBoard {
  public:
    explicit QueueBoardServant(Server& server) : server_(server) {}

    Coffer::QueuedRuns* list(CORBA::ULong atMost) override {
        server_.calls.push_back("queue " + std::to_string(atMost));
        return new Coffer::QueuedRuns(server_.queue);
    }
    void pause(CORBA::LongLong run, const char* why) override {
        server_.calls.push_back("pause " + std::to_string(run) + " [" + why + "]");
    }
    void setPriority(CORBA::LongLong run, CORBA::Long priority) override {
        server_.calls.push_back("priority " + std::to_string(run) + " " + std::to_string(priority));
    }

  private:
    Server& server_;
};

class SettingsManagerServant : public POA_Coffer::SettingsManager {
  public:
    explicit SettingsManagerServant(Server& server) : server_(server) {}

    Coffer::SettingInfos* list() override { return new Coffer::SettingInfos(server_.settings); }
    Coffer::SettingInfo* get(const char* name) override {
        return rpc::serve("get", [&] {
            for (CORBA::ULong i = 0; i < server_.settings.length(); ++i) {
                if (std::string(server_.settings[i].name.in()) == name) {
                    return new Coffer::SettingInfo(server_.settings[i]);
                }
            }
            throw Error(ErrorCode::notFound, "there is no such setting");
        });
    }
    CORBA::LongLong set(const char* name, const char* value, CORBA::LongLong expected) override {
        server_.calls.push_back(std::string("set ") + name + " [" + value + "] " +
                                std::to_string(expected));
        return expected + 1;
    }
    CORBA::LongLong reset(const char* name, CORBA::LongLong expected) override {
        server_.calls.push_back(std::string("reset ") + name + " " + std::to_string(expected));
        return expected + 1;
    }
    Coffer::SettingRecords* history(const char* name, CORBA::LongLong before,
                                    CORBA::ULong atMost) override {
        server_.calls.push_back(std::string("history [") + name + "] " + std::to_string(before) +
                                " " + std::to_string(atMost));
        return new Coffer::SettingRecords(server_.settingHistory);
    }
    char* exportText() override { return CORBA::string_dup("[runs]\n\nat-once = 7\n"); }
    Coffer::SettingChanges* importText(const char* text, CORBA::Boolean dryRun) override {
        server_.calls.push_back(std::string("importText ") + text + (dryRun ? " dry" : ""));
        return new Coffer::SettingChanges(server_.settingChanges);
    }

  private:
    Server& server_;
};

/// All versions on one page.
class CatalogIteratorServant : public POA_Coffer::CatalogIterator {
  public:
    explicit CatalogIteratorServant(Server& server) : server_(server) {}

    CORBA::Boolean next(CORBA::ULong, Coffer::CatalogVersions_out page) override {
        auto all = std::make_unique<Coffer::CatalogVersions>();
        for (const Coffer::CatalogVersion& version : server_.versions) append(*all, version);
        page = all.release();
        return false;
    }
    void close() override {}

  private:
    Server& server_;
};

class FileCatalogServant : public POA_Coffer::FileCatalog {
  public:
    explicit FileCatalogServant(Server& server) : server_(server) {}

    Coffer::CatalogIterator_ptr find(const char*, const Coffer::PathOctets& pattern,
                                     const Coffer::PathOctets& below,
                                     const Coffer::Settings& options,
                                     Coffer::CatalogState_out state) override {
        std::string call = "find " + rpc::textOf(pattern) + " below " + rpc::textOf(below);
        for (const auto& [name, value] : rpc::toMap(options)) call += " " + name + "=" + value;
        server_.calls.push_back(call);
        state = new Coffer::CatalogState(server_.catalogState);
        return reference<Coffer::CatalogIterator>(server_.orb, new CatalogIteratorServant(server_));
    }
    Coffer::CatalogState* state(const char*) override {
        return new Coffer::CatalogState(server_.catalogState);
    }
    void rebuild(const char* repository) override {
        server_.calls.push_back("rebuild " + std::string(repository));
    }

  private:
    Server& server_;
};

}  // namespace

PortableServer::ServantBase* makeEventLog(Server& server) {
    return new EventLogServant(server);
}

PortableServer::ServantBase* makeRunLog(Server& server) {
    return new RunLogServant(server);
}

PortableServer::ServantBase* makeStatusBoard(Server& server) {
    return new StatusBoardServant(server);
}

PortableServer::ServantBase* makeQueueBoard(Server& server) {
    return new QueueBoardServant(server);
}

PortableServer::ServantBase* makeSettingsManager(Server& server) {
    return new SettingsManagerServant(server);
}

PortableServer::ServantBase* makeFileCatalog(Server& server) {
    return new FileCatalogServant(server);
}

}  // namespace coffer::fake
