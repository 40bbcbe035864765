#include "tests/management_panel/client/fake_managers.h"

#include "core/rpc/convert.h"
#include "tests/management_panel/client/fake_nodes.h"
#include "tests/management_panel/client/fake_server.h"

namespace coffer::fake {

namespace {

std::string joined(const std::vector<std::string>& texts) {
    std::string result;
    for (const std::string& text : texts) result += (result.empty() ? "" : ",") + text;
    return "[" + result + "]";
}

std::string joined(const Coffer::Settings& settings) {
    std::vector<std::string> texts;
    for (const auto& [name, value] : rpc::toMap(settings)) texts.push_back(name + "=" + value);
    return joined(texts);
}

[[noreturn]] void missing(const std::string& what) {
    throw Error(ErrorCode::notFound, "there is no " + what);
}

class AgentManagerServant : public POA_Coffer::AgentManager {
  public:
    explicit AgentManagerServant(Server& server) : server_(server) {}

    Coffer::AgentInfos* list() override { return new Coffer::AgentInfos(server_.agentInfos); }
    Coffer::Folder_ptr root(const char* agent) override {
        return rpc::serve("root", [&] {
            const auto at = server_.agents.find(agent);
            if (at == server_.agents.end()) missing(std::string("agent ") + agent);
            if (!at->second) throw Error(ErrorCode::unavailable, "the agent is away");
            const Coffer::Node_var root = nodeAt(server_.orb, at->second, "/");
            return Coffer::Folder::_narrow(root);
        });
    }
    char* makeToken(const char* name, CORBA::ULong validSeconds) override {
        server_.calls.push_back("makeToken " + std::string(name) + " " +
                                std::to_string(validSeconds));
        return CORBA::string_dup("cft1-aa-bb");
    }
    void revoke(const char* agent) override {
        server_.calls.push_back("revoke " + std::string(agent));
    }

  private:
    Server& server_;
};

class RunManagerServant : public POA_Coffer::RunManager {
  public:
    explicit RunManagerServant(Server& server) : server_(server) {}

    CORBA::LongLong startBackup(const char* agent, const Coffer::Paths& what,
                                const Coffer::Strings& excludes, const char* repository,
                                const Coffer::Settings& options) override {
        return started("backup " + std::string(agent) + " " + joined(rpc::toAbsolutePaths(what)) +
                       " " + joined(rpc::toTexts(excludes)) + " " + repository + " " +
                       joined(options));
    }
    CORBA::LongLong startRestore(const char* repository, const char* snapshot,
                                 const Coffer::Paths& what, const char* agent,
                                 const Coffer::PathOctets& target,
                                 const Coffer::Settings& options) override {
        return started("restore " + std::string(repository) + " " + snapshot + " " +
                       joined(rpc::toAbsolutePaths(what)) + " " + agent + " " +
                       rpc::toAbsolutePath(target) + " " + joined(options));
    }
    CORBA::LongLong startVerify(const char* repository, const Coffer::Settings& options) override {
        return started("verify " + std::string(repository) + " " + joined(options));
    }
    CORBA::LongLong startPrune(const char* repository, const Coffer::Settings& options) override {
        return started("prune " + std::string(repository) + " " + joined(options));
    }
    CORBA::LongLong startRepair(const char* repository, const Coffer::Settings& options) override {
        return started("repair " + std::string(repository) + " " + joined(options));
    }
    CORBA::LongLong startReplica(const char* repository, const Coffer::PathOctets& folder,
                                 const Coffer::Settings& options) override {
        return started("replica " + std::string(repository) + " " + rpc::textOf(folder) + " " +
                       joined(options));
    }
    CORBA::LongLong startCopy(const char* repository, const char* target,
                              const Coffer::Strings& snapshots,
                              const Coffer::Settings& options) override {
        return started("copy " + std::string(repository) + " " + target + " " +
                       joined(rpc::toTexts(snapshots)) + " " + joined(options));
    }
    CORBA::LongLong startSynchronise(const Coffer::PathOctets& source,
                                     const Coffer::PathOctets& target,
                                     const Coffer::Strings& excludes,
                                     const Coffer::Settings& options) override {
        return started("synchronise " + rpc::textOf(source) + " " + rpc::textOf(target) + " " +
                       joined(rpc::toTexts(excludes)) + " " + joined(options));
    }
    CORBA::LongLong startRehearsal(const char* repository, const char* snapshot,
                                   const Coffer::Paths& what,
                                   const Coffer::Settings& options) override {
        return started("rehearsal " + std::string(repository) + " " + snapshot + " " +
                       joined(rpc::toAbsolutePaths(what)) + " " + joined(options));
    }
    Coffer::RunInfos* list(CORBA::LongLong before, CORBA::ULong atMost) override {
        auto page = std::make_unique<Coffer::RunInfos>();
        for (auto run = server_.runs.rbegin(); run != server_.runs.rend(); ++run) {
            if ((before != 0 && run->first >= before) || page->length() == atMost) continue;
            page->length(page->length() + 1);
            (*page)[page->length() - 1] = run->second.front();
        }
        return page.release();
    }
    Coffer::RunInfo* get(CORBA::LongLong run) override {
        return rpc::serve("get", [&] {
            const auto at = server_.runs.find(run);
            if (at == server_.runs.end()) missing("run " + std::to_string(run));
            auto now = std::make_unique<Coffer::RunInfo>(at->second.front());
            if (at->second.size() > 1) at->second.pop_front();
            return now.release();
        });
    }
    Coffer::RunInfo* wait(CORBA::LongLong run, CORBA::ULong) override { return get(run); }
    Coffer::RunProblems* problems(CORBA::LongLong) override {
        return new Coffer::RunProblems(server_.problems);
    }
    void cancel(CORBA::LongLong run) override {
        server_.calls.push_back("cancel " + std::to_string(run));
    }
    void resume(CORBA::LongLong run) override {
        server_.calls.push_back("resume " + std::to_string(run));
    }

  private:
    // A run that is to be waited for is put there before; its number is 1.
    long long started(const std::string& call) {
        server_.calls.push_back(call);
        return 1;
    }

    Server& server_;
};

class SnapshotManagerServant : public POA_Coffer::SnapshotManager {
  public:
    explicit SnapshotManagerServant(Server& server) : server_(server) {}

    Coffer::SnapshotInfos* list(const char*) override {
        return new Coffer::SnapshotInfos(server_.snapshots);
    }
    Coffer::SnapshotInfo* get(const char*, const char* snapshot) override {
        return rpc::serve("get", [&] {
            const CORBA::ULong count = server_.snapshots.length();
            for (CORBA::ULong i = count; i-- > 0;) {
                const std::string id = server_.snapshots[i].id.in();
                if (id.starts_with(snapshot) || std::string_view(snapshot) == "latest") {
                    return new Coffer::SnapshotInfo(server_.snapshots[i]);
                }
            }
            missing(std::string("snapshot ") + snapshot);
        });
    }
    Coffer::Entry* stat(const char*, const char*, const Coffer::PathOctets& where) override {
        return rpc::serve("stat", [&] {
            return new Coffer::Entry(server_.snapshotTree.entry(rpc::toAbsolutePath(where)));
        });
    }
    Coffer::Entries* content(const char*, const char*, const Coffer::PathOctets& where,
                             CORBA::ULong atMost, Coffer::EntryIterator_out rest) override {
        return rpc::serve("content", [&] {
            return firstPage(server_.orb, server_.snapshotTree.list(rpc::toAbsolutePath(where)),
                             atMost, rest);
        });
    }
    Coffer::Octets* read(const char*, const char*, const Coffer::PathOctets& where,
                         CORBA::ULongLong offset, CORBA::ULong length) override {
        return rpc::serve("read", [&] {
            return stretchOf(server_.snapshotTree.get(rpc::toAbsolutePath(where)).content, offset,
                             length);
        });
    }
    Coffer::FindingIterator_ptr walk(const char*, const char* snapshot,
                                     const Coffer::PathOctets& where) override {
        server_.calls.push_back("walk " + std::string(snapshot) + ":" + rpc::textOf(where));
        return findings();
    }
    Coffer::FindingIterator_ptr search(const char*, const Coffer::Strings& snapshots,
                                       const char* pattern) override {
        std::string call = "search " + std::string(pattern);
        for (const std::string& name : rpc::toTexts(snapshots)) call += " in " + name;
        server_.calls.push_back(call);
        return findings();
    }
    Coffer::DifferenceIterator_ptr compare(const char*, const char* before,
                                           const Coffer::PathOctets& beforeWhere, const char* after,
                                           const Coffer::PathOctets& afterWhere) override {
        server_.calls.push_back("compare " + std::string(before) + ":" + rpc::textOf(beforeWhere) +
                                " " + after + ":" + rpc::textOf(afterWhere));
        using Servant = Pages<POA_Coffer::DifferenceIterator, Coffer::Differences,
                              Coffer::Differences_out, Coffer::Difference>;
        return reference<Coffer::DifferenceIterator>(server_.orb, new Servant(server_.differences));
    }
    void forget(const char*, const char* snapshot) override {
        server_.calls.push_back("forget " + std::string(snapshot));
    }
    void forgetForGood(const char*, const char* snapshot) override {
        server_.calls.push_back("forgetForGood " + std::string(snapshot));
    }
    void unforget(const char*, const char* snapshot) override {
        server_.calls.push_back("unforget " + std::string(snapshot));
    }
    Coffer::SnapshotMarks* marks(const char*) override {
        return new Coffer::SnapshotMarks(server_.marks);
    }
    void tag(const char*, const char* snapshot, const Coffer::Settings& changes) override {
        server_.calls.push_back("tag " + std::string(snapshot) + textOf(changes));
    }
    void lock(const char*, const char* snapshot, const Coffer::Moment& until) override {
        server_.calls.push_back("lock " + std::string(snapshot) + " " +
                                std::to_string(until.seconds));
    }
    Coffer::RetentionVerdicts* previewTaskRetention(const char*) override {
        return new Coffer::RetentionVerdicts();
    }
    Coffer::RetentionVerdicts* previewRetention(const char*,
                                                const Coffer::Settings& rules) override {
        server_.calls.push_back("preview" + textOf(rules));
        return new Coffer::RetentionVerdicts(server_.verdicts);
    }
    Coffer::RetentionVerdicts* applyRetention(const char*, const Coffer::Settings& rules) override {
        server_.calls.push_back("apply" + textOf(rules));
        return new Coffer::RetentionVerdicts(server_.verdicts);
    }

  private:
    Coffer::FindingIterator_ptr findings() {
        using Servant = Pages<POA_Coffer::FindingIterator, Coffer::Findings, Coffer::Findings_out,
                              Coffer::Finding>;
        return reference<Coffer::FindingIterator>(server_.orb, new Servant(server_.findings));
    }

    // " name=value" of each.
    static std::string textOf(const Coffer::Settings& settings) {
        std::string text;
        for (CORBA::ULong i = 0; i < settings.length(); ++i) {
            text += std::string(" ") + settings[i].name.in() + "=" + settings[i].value.in();
        }
        return text;
    }

    Server& server_;
};

class RepositoryManagerServant : public POA_Coffer::RepositoryManager {
  public:
    explicit RepositoryManagerServant(Server& server) : server_(server) {}

    Coffer::RepositoryInfos* list() override {
        return new Coffer::RepositoryInfos(server_.repositories);
    }
    Coffer::RepositoryInfo* get(const char* name) override {
        return rpc::serve("get", [&] {
            for (CORBA::ULong i = 0; i < server_.repositories.length(); ++i) {
                if (std::string_view(server_.repositories[i].name) == name) {
                    return new Coffer::RepositoryInfo(server_.repositories[i]);
                }
            }
            missing(std::string("repository ") + name);
        });
    }
    void create(const char* name, const Coffer::PathOctets& folder) override {
        server_.calls.push_back("create " + std::string(name) + " " + rpc::textOf(folder));
    }
    void adopt(const char* name, const Coffer::PathOctets& folder, const char* kit) override {
        rpc::serve("adopt", [&] {
            if (kit != server_.kit) throw Error(ErrorCode::wrongKey, "the kit is another's");
            server_.calls.push_back("adopt " + std::string(name) + " " + rpc::textOf(folder));
        });
    }
    char* exportKit(const char* name) override {
        server_.calls.push_back("exportKit " + std::string(name));
        return CORBA::string_dup(server_.kit.c_str());
    }
    void confirmKit(const char* name, const char* kit) override {
        rpc::serve("confirmKit", [&] {
            if (kit != server_.kit) throw Error(ErrorCode::wrongKey, "the kit is another's");
            server_.calls.push_back("confirmKit " + std::string(name));
        });
    }
    Coffer::Moment remove(const char* name, const Coffer::Settings& options) override {
        std::string call = "remove " + std::string(name);
        for (const auto& [option, value] : rpc::toMap(options)) call += " " + option + "=" + value;
        server_.calls.push_back(call);
        return rpc::toMoment(Timestamp{1'800'000'000, 0});
    }
    void keep(const char* name) override { server_.calls.push_back("keep " + std::string(name)); }

  private:
    Server& server_;
};

}  // namespace

PortableServer::ServantBase* makeAgentManager(Server& server) {
    return new AgentManagerServant(server);
}

PortableServer::ServantBase* makeRunManager(Server& server) {
    return new RunManagerServant(server);
}

PortableServer::ServantBase* makeSnapshotManager(Server& server) {
    return new SnapshotManagerServant(server);
}

PortableServer::ServantBase* makeRepositoryManager(Server& server) {
    return new RepositoryManagerServant(server);
}

}  // namespace coffer::fake
