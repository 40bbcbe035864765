#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "idl/management.hh"
#include "tests/management_panel/client/fake_managers.h"
#include "tests/management_panel/client/fake_server.h"

namespace coffer::fake {

namespace {

class TaskManagerServant : public POA_Coffer::TaskManager {
  public:
    explicit TaskManagerServant(Server& server) : server_(server) {}

    Coffer::TaskInfos* list() override { return new Coffer::TaskInfos(server_.tasks); }
    Coffer::TaskInfo* get(const char* name) override {
        return rpc::serve("get", [&] { return new Coffer::TaskInfo(found(name)); });
    }
    CORBA::LongLong put(const char* name, const Coffer::Settings& definition,
                        CORBA::LongLong expected) override {
        std::string text = "put " + std::string(name) + " " + std::to_string(expected);
        for (CORBA::ULong i = 0; i < definition.length(); ++i) {
            text += std::string(" ") + definition[i].name.in() + "=" + definition[i].value.in();
        }
        server_.calls.push_back(text);
        if (expected == 0) {
            const CORBA::ULong at = server_.tasks.length();
            server_.tasks.length(at + 1);
            server_.tasks[at].name = name;
        }
        return expected + 1;
    }
    void remove(const char* name, CORBA::LongLong expected) override {
        server_.calls.push_back("remove " + std::string(name) + " " + std::to_string(expected));
    }
    CORBA::LongLong enable(const char* name, CORBA::Boolean enabled) override {
        server_.calls.push_back("enable " + std::string(name) + (enabled ? " yes" : " no"));
        return 8;
    }
    Coffer::RunNumbers* runNow(const char* name) override {
        server_.calls.push_back("runNow " + std::string(name));
        auto numbers = std::make_unique<Coffer::RunNumbers>();
        numbers->length(1);
        (*numbers)[0] = 7;
        return numbers.release();
    }
    Coffer::Moments* preview(const char* name, CORBA::ULong atMost) override {
        return times("preview " + std::string(name), atMost);
    }
    Coffer::Moments* previewSchedule(const char* schedule, const char* zone,
                                     CORBA::ULong atMost) override {
        return times("previewSchedule " + std::string(schedule) + " [" + zone + "]", atMost);
    }
    char* exportText(const char* name) override {
        return CORBA::string_dup(("[task " + std::string(name) + "]\n").c_str());
    }
    Coffer::TaskChanges* importText(const char* text, CORBA::Boolean dryRun) override {
        server_.calls.push_back("import " + std::string(text) + (dryRun ? " dry" : ""));
        return new Coffer::TaskChanges(server_.taskChanges);
    }

  private:
    const Coffer::TaskInfo& found(const std::string& name) const {
        for (CORBA::ULong i = 0; i < server_.tasks.length(); ++i) {
            if (name == server_.tasks[i].name.in()) return server_.tasks[i];
        }
        throw Error(ErrorCode::notFound, "there is no task '" + name + "'");
    }
    Coffer::Moments* times(const std::string& call, CORBA::ULong count) {
        server_.calls.push_back(call + " " + std::to_string(count));
        auto moments = std::make_unique<Coffer::Moments>();
        moments->length(count);
        for (CORBA::ULong i = 0; i < count; ++i) {
            (*moments)[i] = rpc::toMoment({1'700'000'000 + 60 * i, 0});
        }
        return moments.release();
    }

    Server& server_;
};

}  // namespace

PortableServer::ServantBase* makeTaskManager(Server& server) {
    return new TaskManagerServant(server);
}

}  // namespace coffer::fake
