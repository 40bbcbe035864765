// Every operation that is reached from a session, against every role.
#include <fstream>
#include <functional>
#include <regex>
#include <set>
#include <sstream>

#include "management_server/access/policy.h"
#include "management_server/access/upcall.h"
#include "management_server/objects/node_id.h"
#include "tests/management_server/server/whole_server.h"

namespace coffer {
namespace {

/// What a user reaches.
struct Reached {
    Coffer::Session_var session;
    Coffer::AgentManager_var agents;
    Coffer::RunManager_var runs;
    Coffer::SnapshotManager_var snapshots;
    Coffer::RepositoryManager_var repositories;
    Coffer::EventLog_var events;
    Coffer::RunLog_var logs;
    Coffer::TaskManager_var tasks;
    Coffer::StatusBoard_var status;
    Coffer::QueueBoard_var queue;
    Coffer::UpdateManager_var updates;
    Coffer::SettingsManager_var settings;
    Coffer::FileCatalog_var catalog;
    Coffer::AccessManager_var access;
    Coffer::AuditLog_var audit;
    Coffer::RequestBoard_var requests;
    Coffer::File_var file;
    Coffer::Folder_var folder;
};

struct Operation {
    std::string name;
    std::optional<Right> right;  // nothing: every user may, for it is his own
    std::function<void(const Reached&)> call;
};

constexpr auto own = std::nullopt;
const Coffer::PathOctets somewhere = rpc::toPath("/nowhere");
const Coffer::Paths paths = rpc::toPaths({"/nowhere"});

// All name what is not there: who has the right gets another error, or an empty list.
const std::vector<Operation>& operations() {
    static const std::vector<Operation> all = {
        {"Session::whoAmI", own,
         [](const Reached& r) { Coffer::Settings_var x = r.session->whoAmI(); }},
        {"Session::agents", own,
         [](const Reached& r) { Coffer::AgentManager_var x = r.session->agents(); }},
        {"Session::runs", own,
         [](const Reached& r) { Coffer::RunManager_var x = r.session->runs(); }},
        {"Session::snapshots", own,
         [](const Reached& r) { Coffer::SnapshotManager_var x = r.session->snapshots(); }},
        {"Session::repositories", own,
         [](const Reached& r) { Coffer::RepositoryManager_var x = r.session->repositories(); }},
        {"Session::events", own,
         [](const Reached& r) { Coffer::EventLog_var x = r.session->events(); }},
        {"Session::logs", own, [](const Reached& r) { Coffer::RunLog_var x = r.session->logs(); }},
        {"Session::tasks", own,
         [](const Reached& r) { Coffer::TaskManager_var x = r.session->tasks(); }},
        {"Session::status", own,
         [](const Reached& r) { Coffer::StatusBoard_var x = r.session->status(); }},
        {"Session::queue", own,
         [](const Reached& r) { Coffer::QueueBoard_var x = r.session->queue(); }},
        {"Session::updates", own,
         [](const Reached& r) { Coffer::UpdateManager_var x = r.session->updates(); }},
        {"Session::serverSettings", own,
         [](const Reached& r) { Coffer::SettingsManager_var x = r.session->serverSettings(); }},
        {"Session::catalog", own,
         [](const Reached& r) { Coffer::FileCatalog_var x = r.session->catalog(); }},
        {"Session::access", own,
         [](const Reached& r) { Coffer::AccessManager_var x = r.session->access(); }},
        {"Session::changePassword", own,
         [](const Reached& r) { r.session->changePassword("", "short"); }},
        {"Session::enterCode", own, [](const Reached& r) { r.session->enterCode("1"); }},
        {"Session::logout", own, [](const Reached&) {}},

        {"AgentManager::list", Right::look,
         [](const Reached& r) { Coffer::AgentInfos_var x = r.agents->list(); }},
        {"AgentManager::root", Right::look,
         [](const Reached& r) { Coffer::Folder_var x = r.agents->root("none"); }},
        {"AgentManager::makeToken", Right::manageAgents,
         [](const Reached& r) { CORBA::String_var x = r.agents->makeToken("none", 1); }},
        {"AgentManager::revoke", Right::removeAgents,
         [](const Reached& r) { r.agents->revoke("none"); }},

        {"RunManager::startBackup", Right::run,
         [](const Reached& r) { r.runs->startBackup("none", paths, {}, "none", {}); }},
        {"RunManager::startRestore", Right::restore,
         [](const Reached& r) {
             r.runs->startRestore("none", "latest", {}, "none", somewhere, {});
         }},
        {"RunManager::startVerify", Right::run,
         [](const Reached& r) { r.runs->startVerify("none", {}); }},
        {"RunManager::startRehearsal", Right::run,
         [](const Reached& r) { r.runs->startRehearsal("none", "latest", {}, {}); }},
        {"RunManager::startPrune", Right::prune,
         [](const Reached& r) { r.runs->startPrune("none", {}); }},
        {"RunManager::startRepair", Right::manageRepositories,
         [](const Reached& r) { r.runs->startRepair("none", {}); }},
        {"RunManager::startReplica", Right::manageRepositories,
         [](const Reached& r) { r.runs->startReplica("none", somewhere, {}); }},
        {"RunManager::startSynchronise", Right::changeFiles,
         [](const Reached& r) {
             r.runs->startSynchronise(rpc::toPath("none:/a"), rpc::toPath("none:/b"), {}, {});
         }},
        {"RunManager::startCopy", Right::manageRepositories,
         [](const Reached& r) { r.runs->startCopy("none", "none", {}, {}); }},
        {"RunManager::list", Right::look,
         [](const Reached& r) { Coffer::RunInfos_var x = r.runs->list(0, 1); }},
        {"RunManager::get", Right::look,
         [](const Reached& r) { Coffer::RunInfo_var x = r.runs->get(1'000); }},
        {"RunManager::wait", Right::look,
         [](const Reached& r) { Coffer::RunInfo_var x = r.runs->wait(1'000, 0); }},
        {"RunManager::problems", Right::look,
         [](const Reached& r) { Coffer::RunProblems_var x = r.runs->problems(1'000); }},
        // Of a run that is not there, by who may look: which right depends on the run.
        {"RunManager::cancel", Right::look, [](const Reached& r) { r.runs->cancel(1'000); }},
        {"RunManager::resume", Right::look, [](const Reached& r) { r.runs->resume(1'000); }},

        {"QueueBoard::list", Right::look,
         [](const Reached& r) { Coffer::QueuedRuns_var x = r.queue->list(1); }},
        {"QueueBoard::pause", Right::look, [](const Reached& r) { r.queue->pause(1'000, ""); }},
        {"QueueBoard::setPriority", Right::look,
         [](const Reached& r) { r.queue->setPriority(1'000, 1); }},

        {"UpdateManager::list", Right::look,
         [](const Reached& r) { Coffer::UpdatePackages_var x = r.updates->list(); }},
        {"UpdateManager::upload", Right::manageAgents,
         [](const Reached& r) { r.updates->upload(1, {}, false); }},
        {"UpdateManager::remove", Right::manageAgents,
         [](const Reached& r) { r.updates->remove("1.4.0"); }},
        {"UpdateManager::start", Right::manageAgents,
         [](const Reached& r) { r.updates->start("1.4.0", {}, 1); }},
        {"UpdateManager::stop", Right::manageAgents, [](const Reached& r) { r.updates->stop(); }},
        {"UpdateManager::status", Right::look,
         [](const Reached& r) { Coffer::AgentUpdates_var x = r.updates->status(); }},
        {"SettingsManager::list", Right::manageSettings,
         [](const Reached& r) { Coffer::SettingInfos_var x = r.settings->list(); }},
        {"SettingsManager::get", Right::manageSettings,
         [](const Reached& r) { Coffer::SettingInfo_var x = r.settings->get("none"); }},
        {"SettingsManager::set", Right::manageSettings,
         [](const Reached& r) { r.settings->set("none", "", 0); }},
        {"SettingsManager::reset", Right::manageSettings,
         [](const Reached& r) { r.settings->reset("none", 0); }},
        {"SettingsManager::history", Right::manageSettings,
         [](const Reached& r) { Coffer::SettingRecords_var x = r.settings->history("", 0, 1); }},
        {"SettingsManager::exportText", Right::manageSettings,
         [](const Reached& r) { CORBA::String_var x = r.settings->exportText(); }},
        {"SettingsManager::importText", Right::manageSettings,
         [](const Reached& r) { Coffer::SettingChanges_var x = r.settings->importText("", true); }},

        {"SnapshotManager::list", Right::look,
         [](const Reached& r) { Coffer::SnapshotInfos_var x = r.snapshots->list("none"); }},
        {"SnapshotManager::get", Right::look,
         [](const Reached& r) { Coffer::SnapshotInfo_var x = r.snapshots->get("none", "latest"); }},
        {"SnapshotManager::stat", Right::look,
         [](const Reached& r) {
             Coffer::Entry_var x = r.snapshots->stat("none", "latest", somewhere);
         }},
        {"SnapshotManager::content", Right::look,
         [](const Reached& r) {
             Coffer::EntryIterator_var rest;
             Coffer::Entries_var x =
                 r.snapshots->content("none", "latest", somewhere, 1, rest.out());
         }},
        {"SnapshotManager::walk", Right::look,
         [](const Reached& r) {
             Coffer::FindingIterator_var x = r.snapshots->walk("none", "latest", somewhere);
         }},
        {"SnapshotManager::read", Right::readFiles,
         [](const Reached& r) {
             Coffer::Octets_var x = r.snapshots->read("none", "latest", somewhere, 0, 1);
         }},
        {"SnapshotManager::search", Right::look,
         [](const Reached& r) {
             Coffer::FindingIterator_var x = r.snapshots->search("none", {}, "*");
         }},
        {"SnapshotManager::compare", Right::look,
         [](const Reached& r) {
             Coffer::DifferenceIterator_var x =
                 r.snapshots->compare("none", "latest", somewhere, "latest", somewhere);
         }},
        {"SnapshotManager::forget", Right::forget,
         [](const Reached& r) { r.snapshots->forget("none", "latest"); }},
        {"SnapshotManager::forgetForGood", Right::forget,
         [](const Reached& r) { r.snapshots->forgetForGood("none", "latest"); }},
        {"SnapshotManager::unforget", Right::mark,
         [](const Reached& r) { r.snapshots->unforget("none", "latest"); }},
        {"SnapshotManager::marks", Right::look,
         [](const Reached& r) { Coffer::SnapshotMarks_var x = r.snapshots->marks("none"); }},
        {"SnapshotManager::tag", Right::mark,
         [](const Reached& r) { r.snapshots->tag("none", "latest", {}); }},
        {"SnapshotManager::lock", Right::mark,
         [](const Reached& r) {
             r.snapshots->lock("none", "latest", rpc::toMoment({1, 0}));
         }},
        {"SnapshotManager::previewTaskRetention", Right::look,
         [](const Reached& r) {
             Coffer::RetentionVerdicts_var x = r.snapshots->previewTaskRetention("none");
         }},
        {"SnapshotManager::previewRetention", Right::look,
         [](const Reached& r) {
             Coffer::RetentionVerdicts_var x = r.snapshots->previewRetention("none", {});
         }},
        {"SnapshotManager::applyRetention", Right::forget,
         [](const Reached& r) {
             Coffer::RetentionVerdicts_var x = r.snapshots->applyRetention("none", {});
         }},

        {"FileCatalog::find", Right::look,
         [](const Reached& r) {
             Coffer::CatalogState_var state;
             Coffer::CatalogIterator_var x =
                 r.catalog->find("none", somewhere, somewhere, {}, state.out());
         }},
        {"FileCatalog::state", Right::look,
         [](const Reached& r) { Coffer::CatalogState_var x = r.catalog->state("none"); }},
        {"FileCatalog::rebuild", Right::manageRepositories,
         [](const Reached& r) { r.catalog->rebuild("none"); }},

        {"RepositoryManager::list", Right::look,
         [](const Reached& r) { Coffer::RepositoryInfos_var x = r.repositories->list(); }},
        {"RepositoryManager::get", Right::look,
         [](const Reached& r) { Coffer::RepositoryInfo_var x = r.repositories->get("none"); }},
        {"RepositoryManager::create", Right::manageRepositories,
         [](const Reached& r) { r.repositories->create("", rpc::toPath("")); }},
        {"RepositoryManager::adopt", Right::manageRepositories,
         [](const Reached& r) { r.repositories->adopt("", rpc::toPath(""), ""); }},
        {"RepositoryManager::exportKit", Right::manageRepositories,
         [](const Reached& r) { CORBA::String_var x = r.repositories->exportKit("none"); }},
        {"RepositoryManager::confirmKit", Right::manageRepositories,
         [](const Reached& r) { r.repositories->confirmKit("none", ""); }},
        {"RepositoryManager::remove", Right::forget,
         [](const Reached& r) { r.repositories->remove("none", {}); }},
        {"RepositoryManager::keep", Right::mark,
         [](const Reached& r) { r.repositories->keep("none"); }},

        {"EventLog::since", Right::look,
         [](const Reached& r) { Coffer::Events_var x = r.events->since(0, 1, 0); }},
        {"EventLog::select", Right::look,
         [](const Reached& r) { Coffer::EventPage_var x = r.events->select({}, 0, 1, 0); }},
        {"EventLog::lease", Right::look, [](const Reached& r) { r.events->lease("", 0, 0); }},
        {"EventLog::next", Right::look,
         [](const Reached& r) { Coffer::EventPage_var x = r.events->next("none", {}, 1, 0); }},
        {"EventLog::taken", Right::look, [](const Reached& r) { r.events->taken("none", 0); }},
        {"EventLog::leases", Right::look,
         [](const Reached& r) { Coffer::EventLeases_var x = r.events->leases(); }},
        {"EventLog::endLease", Right::look, [](const Reached& r) { r.events->endLease("none"); }},
        {"RunLog::entries", Right::look,
         [](const Reached& r) { Coffer::LogPage_var x = r.logs->entries(1'000, {}, 0, 1); }},

        {"StatusBoard::report", Right::look,
         [](const Reached& r) { Coffer::StatusReport_var x = r.status->report("none"); }},
        {"StatusBoard::acknowledge", Right::run,
         [](const Reached& r) {
             r.status->acknowledge("none", "", rpc::toMoment({1, 0}));
         }},
        {"StatusBoard::withdraw", Right::run, [](const Reached& r) { r.status->withdraw("none"); }},
        {"StatusBoard::drop", Right::manageTasks, [](const Reached& r) { r.status->drop("none"); }},

        {"TaskManager::list", Right::look,
         [](const Reached& r) { Coffer::TaskInfos_var x = r.tasks->list(); }},
        {"TaskManager::get", Right::look,
         [](const Reached& r) { Coffer::TaskInfo_var x = r.tasks->get("none"); }},
        {"TaskManager::put", Right::manageTasks,
         [](const Reached& r) { r.tasks->put("none", {}, 0); }},
        // Of one that is not there, by who may look.
        {"TaskManager::remove", Right::look, [](const Reached& r) { r.tasks->remove("none", 1); }},
        {"TaskManager::enable", Right::look,
         [](const Reached& r) { r.tasks->enable("none", false); }},
        {"TaskManager::runNow", Right::look,
         [](const Reached& r) { Coffer::RunNumbers_var x = r.tasks->runNow("none"); }},
        {"TaskManager::preview", Right::look,
         [](const Reached& r) { Coffer::Moments_var x = r.tasks->preview("none", 1); }},
        {"TaskManager::previewSchedule", Right::look,
         [](const Reached& r) { Coffer::Moments_var x = r.tasks->previewSchedule("", "", 1); }},
        {"TaskManager::exportText", Right::look,
         [](const Reached& r) { CORBA::String_var x = r.tasks->exportText("none"); }},
        {"TaskManager::importText", Right::manageTasks,
         [](const Reached& r) { Coffer::TaskChanges_var x = r.tasks->importText("", true); }},

        {"Node::location", Right::look,
         [](const Reached& r) { Coffer::PathOctets_var x = r.folder->location(); }},
        {"Node::attributes", Right::look,
         [](const Reached& r) { Coffer::Entry_var x = r.folder->attributes(); }},
        {"Node::erase", Right::changeFiles, [](const Reached& r) { r.file->erase(false); }},
        {"Node::moveTo", Right::changeFiles, [](const Reached& r) { r.file->moveTo(somewhere); }},
        {"Node::copyTo", Right::changeFiles, [](const Reached& r) { r.file->copyTo(somewhere); }},
        {"File::read", Right::readFiles,
         [](const Reached& r) { Coffer::Octets_var x = r.file->read(0, 1); }},
        {"File::write", Right::changeFiles, [](const Reached& r) { r.file->write(0, {}); }},
        {"File::resize", Right::changeFiles, [](const Reached& r) { r.file->resize(0); }},
        {"Folder::list", Right::look,
         [](const Reached& r) {
             Coffer::EntryIterator_var rest;
             Coffer::Entries_var x = r.folder->list(1, rest.out());
         }},
        {"Folder::find", Right::look,
         [](const Reached& r) { Coffer::Node_var x = r.folder->find(rpc::toPath("a")); }},
        {"Folder::createFile", Right::changeFiles,
         [](const Reached& r) { Coffer::File_var x = r.folder->createFile(rpc::toPath("a")); }},
        {"Folder::createFolder", Right::changeFiles,
         [](const Reached& r) { Coffer::Folder_var x = r.folder->createFolder(rpc::toPath("a")); }},

        {"AccessManager::users", Right::manageAccess,
         [](const Reached& r) { Coffer::UserInfos_var x = r.access->users(); }},
        {"AccessManager::addUser", Right::manageAccess,
         [](const Reached& r) { CORBA::String_var x = r.access->addUser("a b"); }},
        {"AccessManager::removeUser", Right::manageAccess,
         [](const Reached& r) { r.access->removeUser("none"); }},
        {"AccessManager::enableUser", Right::manageAccess,
         [](const Reached& r) { r.access->enableUser("none", false); }},
        {"AccessManager::resetPassword", Right::manageAccess,
         [](const Reached& r) { CORBA::String_var x = r.access->resetPassword("none"); }},
        {"AccessManager::removeSecondFactor", Right::manageAccess,
         [](const Reached& r) { r.access->removeSecondFactor("none"); }},
        {"AccessManager::groups", Right::manageAccess,
         [](const Reached& r) { Coffer::GroupInfos_var x = r.access->groups(); }},
        {"AccessManager::addGroup", Right::manageAccess,
         [](const Reached& r) { r.access->addGroup("a b"); }},
        {"AccessManager::removeGroup", Right::manageAccess,
         [](const Reached& r) { r.access->removeGroup("none"); }},
        {"AccessManager::addMember", Right::manageAccess,
         [](const Reached& r) { r.access->addMember("none", "none"); }},
        {"AccessManager::removeMember", Right::manageAccess,
         [](const Reached& r) { r.access->removeMember("none", "none"); }},
        {"AccessManager::grants", own,
         [](const Reached& r) { Coffer::GrantInfos_var x = r.access->grants(); }},
        {"AccessManager::addGrant", Right::manageAccess,
         [](const Reached& r) { r.access->addGrant({}); }},
        {"AccessManager::removeGrant", Right::manageAccess,
         [](const Reached& r) { r.access->removeGrant(1'000); }},
        {"AccessManager::tokens", own,
         [](const Reached& r) { Coffer::ApiTokenInfos_var x = r.access->tokens(); }},
        {"AccessManager::makeToken", own,
         [](const Reached& r) { CORBA::String_var x = r.access->makeToken("", 0, {}); }},
        {"AccessManager::removeToken", own,
         [](const Reached& r) { r.access->removeToken("none"); }},
        {"AccessManager::beginSecondFactor", own,
         [](const Reached& r) { Coffer::SecondFactorInfo_var x = r.access->beginSecondFactor(); }},
        {"AccessManager::confirmSecondFactor", own, [](const Reached&) {}},
        {"AccessManager::endSecondFactor", own, [](const Reached&) {}},
        {"AccessManager::suspendAgent", Right::manageAgents,
         [](const Reached& r) { r.access->suspendAgent("none"); }},
        {"AccessManager::resumeAgent", Right::manageAgents,
         [](const Reached& r) { r.access->resumeAgent("none"); }},
        {"AccessManager::labelAgent", Right::manageAgents,
         [](const Reached& r) { r.access->labelAgent("none", {}); }},
        {"AccessManager::renameAgent", Right::manageAgents,
         [](const Reached& r) { r.access->renameAgent("none", "other"); }},
        {"AccessManager::audit", own,
         [](const Reached& r) { Coffer::AuditLog_var x = r.access->audit(); }},
        {"AccessManager::requests", own,
         [](const Reached& r) { Coffer::RequestBoard_var x = r.access->requests(); }},

        {"AuditLog::list", Right::readAudit,
         [](const Reached& r) { Coffer::AuditRecords_var x = r.audit->list(0, 1); }},
        {"AuditLog::verify", Right::readAudit,
         [](const Reached& r) { Coffer::AuditVerdict_var x = r.audit->verify(); }},

        {"RequestBoard::list", Right::look,
         [](const Reached& r) { Coffer::RequestInfos_var x = r.requests->list(); }},
        {"RequestBoard::confirm", Right::forget,
         [](const Reached& r) { r.requests->confirm(1'000); }},
        // Whose request it is decides; see request_board.cpp.
        {"RequestBoard::refuse", own, [](const Reached& r) { r.requests->refuse(1'000); }},
    };
    return all;
}

// Not reached from a session, or handed out by an operation that has looked.
const std::set<std::string> elsewhere = {
    "Gate",          "AgentPort",       "AgentLink",          "AgentControl",
    "Store",         "UpdateDepot",     "BackupSession",      "RestoreSession",
    "EntryIterator", "FindingIterator", "DifferenceIterator", "CatalogIterator"};

std::string textOf(const std::string& file) {
    std::ifstream in(std::string(COFFER_SOURCE_FOLDER) + "/" + file);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

// "Interface::operation" of an .idl file.
std::set<std::string> operationsOf(const std::string& file) {
    const std::string text = std::regex_replace(textOf(file), std::regex("//[^\n]*"), "");
    const std::regex interfaces("interface (\\w+)[^{;]*\\{([^}]*)\\}");
    const std::regex names("(\\w+)\\(");
    std::set<std::string> found;
    for (std::sregex_iterator each(text.begin(), text.end(), interfaces), end; each != end;
         ++each) {
        const std::string interface = (*each)[1];
        const std::string body = (*each)[2];
        if (elsewhere.contains(interface)) continue;
        for (std::sregex_iterator name(body.begin(), body.end(), names); name != end; ++name) {
            found.insert(interface + "::" + std::string((*name)[1]));
        }
    }
    // "raises (" has a space before it, and so is no name.
    return found;
}

std::set<std::string> operationsOfIdl() {
    std::set<std::string> found;
    const std::regex included("#include \"(\\w+\\.idl)\"");
    const std::string text = textOf("idl/management.idl");
    std::vector<std::string> files = {"management.idl"};
    for (std::sregex_iterator each(text.begin(), text.end(), included), end; each != end; ++each) {
        files.push_back((*each)[1]);
    }
    for (const std::string& file : files) found.merge(operationsOf("idl/" + file));
    return found;
}

TEST(Operations, AreAllThatTheIdlHas) {
    std::set<std::string> known;
    for (const Operation& operation : operations()) known.insert(operation.name);
    EXPECT_EQ(known.size(), operations().size());
    EXPECT_EQ(known, operationsOfIdl());
    EXPECT_GT(known.size(), 80U);
}

TEST(Operations, AreInTheDocument) {
    const std::string document = textOf("docs/access.md");
    for (const Operation& operation : operations()) {
        const std::string right =
            operation.right ? std::string(nameOf(*operation.right)) : std::string("own");
        EXPECT_NE(document.find("`" + operation.name + "`"), document.npos) << operation.name;
        const std::regex row("\\| `" + right + "` \\|[^\n]*`" + operation.name + "`");
        EXPECT_TRUE(std::regex_search(document, row)) << operation.name << " is not with " << right;
    }
}

class Rights : public WholeServer {
  protected:
    Rights() {
        login();
        access = session->access();
    }
    ~Rights() override { access = Coffer::AccessManager::_nil(); }

    void grant(const std::string& user, UserRole role,
               const std::vector<std::string>& agents = {}) {
        Coffer::GrantInfo info;
        info.number = 0;
        info.holder = ("user:" + user).c_str();
        info.role = std::string(nameOf(role)).c_str();
        info.part = "";
        info.agents = rpc::toStrings(agents);
        access->addGrant(info);
    }

    Reached reach(const std::string& user) {
        const CORBA::String_var first = access->addUser(user.c_str());
        Reached reached;
        reached.session = gate->login(user.c_str(), first, Coffer::protocolLevel);
        reached.session->changePassword(first, goodPassword.c_str());
        reached.agents = reached.session->agents();
        reached.runs = reached.session->runs();
        reached.snapshots = reached.session->snapshots();
        reached.repositories = reached.session->repositories();
        reached.events = reached.session->events();
        reached.logs = reached.session->logs();
        reached.tasks = reached.session->tasks();
        reached.status = reached.session->status();
        reached.queue = reached.session->queue();
        reached.updates = reached.session->updates();
        reached.settings = reached.session->serverSettings();
        reached.catalog = reached.session->catalog();
        reached.access = reached.session->access();
        reached.audit = reached.access->audit();
        reached.requests = reached.access->requests();
        const CORBA::Object_var file = node(reached.session, "files", "IDL:Coffer/File:1.0");
        reached.file = Coffer::File::_unchecked_narrow(file);
        const CORBA::Object_var above = node(reached.session, "folders", "IDL:Coffer/Folder:1.0");
        reached.folder = Coffer::Folder::_unchecked_narrow(above);
        return reached;
    }

    // An object of an agent that is not there.
    CORBA::Object_ptr node(Coffer::Session_ptr of, const std::string& poa, const char* type) {
        const PortableServer::POA_var sessions = orb->poa("sessions");
        PortableServer::ObjectId_var id = sessions->reference_to_id(of);
        const auto key = SessionKey::from(ByteView(id->get_buffer(), sizeof(SessionKey::bytes)));
        return referenceIn(*orb, poa, encodeNodeId(key, {"none", "/nowhere"}), type);
    }

    static bool isRefused(const Operation& operation, const Reached& reached) {
        const auto error = errorOf([&] { rpc::call("test", [&] { operation.call(reached); }); });
        return error && error->code() == ErrorCode::permissionDenied;
    }

    Coffer::AccessManager_var access;
};

TEST_F(Rights, NobodyMayAnythingButHisOwnWithoutARole) {
    const Reached reached = reach("nobody");
    for (const Operation& operation : operations()) {
        EXPECT_EQ(isRefused(operation, reached), operation.right.has_value()) << operation.name;
    }
}

TEST_F(Rights, EachRoleMayWhatItIsFor) {
    for (std::size_t i = 0; i < roleCount; ++i) {
        const auto role = static_cast<UserRole>(i);
        const std::string user(nameOf(role));
        const Reached reached = reach(user);
        grant(user, role);
        for (const Operation& operation : operations()) {
            const bool due = !operation.right || has(role, *operation.right);
            EXPECT_EQ(isRefused(operation, reached), !due) << user << ' ' << operation.name;
        }
    }
}

TEST_F(Rights, TheFirstUserMayEverything) {
    Reached reached = reach("other");
    grant("other", UserRole::administrator);
    Coffer::GrantInfos_var grants = access->grants();
    EXPECT_EQ(grants->length(), roleCount + 1);
    // And cannot be shut out by himself.
    expectFailed(ErrorCode::conflict, [&] {
        reached.access->removeUser("other");
        access->removeUser("admin");
    });
}

TEST_F(Rights, AGrantNamesAgentsThatThereAre) {
    reach("other");
    expectFailed(ErrorCode::notFound,
                 [&] { grant("other", UserRole::operating, {"nobody-so-called"}); });
    const Coffer::GrantInfos_var grants = access->grants();
    EXPECT_EQ(grants->length(), roleCount);
}

}  // namespace
}  // namespace coffer
