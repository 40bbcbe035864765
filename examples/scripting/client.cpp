// Logs in at a Coffer server, lists its agents, browses a folder of one of them, backs the folder
// up and follows the run to its end:
//
//     client USER AGENT FOLDER <password
//
// Server and certificates are those of the last 'coffer login'.

#include <omniORB4/CORBA.h>
#include <omniORB4/sslContext.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "management.hh"

namespace {

std::string configFolder() {
    if (const char* own = std::getenv("COFFER_CONFIG")) return own;
    if (const char* all = std::getenv("XDG_CONFIG_HOME")) return std::string(all) + "/coffer";
    const char* home = std::getenv("HOME");
    return std::string(home ? home : "") + "/.config/coffer";
}

// The line "server HOST:PORT" of the session file.
std::string serverOf(const std::string& folder) {
    std::ifstream session(folder + "/session");
    for (std::string word, value; session >> word && std::getline(session >> std::ws, value);) {
        if (word == "server") return value;
    }
    throw std::runtime_error("log in once with 'coffer login'");
}

Coffer::PathOctets octets(const std::string& text) {
    Coffer::PathOctets path;
    path.length(static_cast<CORBA::ULong>(text.size()));
    std::copy(text.begin(), text.end(), path.get_buffer());
    return path;
}

std::string text(const Coffer::PathOctets& path) {
    return {reinterpret_cast<const char*>(path.get_buffer()), path.length()};
}

std::string valueOf(const Coffer::Settings& settings, const std::string& name) {
    for (CORBA::ULong i = 0; i < settings.length(); ++i) {
        if (name == settings[i].name.in()) return settings[i].value.in();
    }
    return "0";
}

void printAgents(Coffer::Session_ptr session) {
    Coffer::AgentManager_var manager = session->agents();
    Coffer::AgentInfos_var agents = manager->list();
    for (CORBA::ULong i = 0; i < agents->length(); ++i) {
        std::cout << "agent " << agents[i].name << ": " << agents[i].state << '\n';
    }
}

void printFolder(Coffer::Session_ptr session, const std::string& agent, const std::string& path) {
    Coffer::AgentManager_var manager = session->agents();
    Coffer::Folder_var root = manager->root(agent.c_str());
    Coffer::Node_var node = root->find(octets(path.substr(1)));
    Coffer::Folder_var folder = Coffer::Folder::_narrow(node);
    if (CORBA::is_nil(folder)) throw std::runtime_error(path + " is no folder");

    std::vector<std::string> lines;
    const auto take = [&](const Coffer::Entries& page) {
        for (CORBA::ULong i = 0; i < page.length(); ++i) {
            lines.push_back(std::string(page[i].kind) + ' ' + text(page[i].name));
        }
    };
    Coffer::EntryIterator_var rest;
    Coffer::Entries_var page = folder->list(1000, rest.out());
    take(page.in());
    for (bool more = !CORBA::is_nil(rest); more;) {
        more = rest->next(1000, page.out());
        take(page.in());
    }
    std::sort(lines.begin(), lines.end());
    for (const std::string& line : lines) std::cout << line << '\n';
}

// Gives true when everything was backed up.
bool backUp(Coffer::Session_ptr session, const std::string& agent, const std::string& path) {
    Coffer::RunManager_var runs = session->runs();
    Coffer::Paths what;
    what.length(1);
    what[0] = octets(path);
    const CORBA::LongLong number =
        runs->startBackup(agent.c_str(), what, Coffer::Strings(), "main", Coffer::Settings());
    for (std::string before;;) {
        Coffer::RunInfo_var run = runs->get(number);
        const std::string state = run->state.in();
        const std::string line = state + ", " + valueOf(run->counts, "files") + " files";
        if (line != before) std::cout << "run " << number << ": " << line << std::endl;
        before = line;
        if (state == "succeeded" || state == "warnings" || state == "failed" ||
            state == "cancelled") {
            std::cout << "snapshot " << run->snapshot << '\n' << run->message;
            return state == "succeeded";
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
    }
}

int work(CORBA::ORB_ptr orb, const std::string& server, char** words) {
    std::string password;
    std::getline(std::cin, password);
    CORBA::Object_var object =
        orb->string_to_object(("corbaloc:ssliop:1.2@" + server + "/CofferGate").c_str());
    Coffer::Gate_var gate = Coffer::Gate::_narrow(object);
    Coffer::Session_var session = gate->login(words[1], password.c_str(), Coffer::protocolLevel);
    printAgents(session);
    printFolder(session, words[2], words[3]);
    const bool good = backUp(session, words[2], words[3]);
    session->logout();
    return good ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
    if (count != 4) {
        std::cerr << "usage: client USER AGENT FOLDER <password\n";
        return 2;
    }
    try {
        const std::string folder = configFolder();
        const std::string authority = folder + "/authority.pem", identity = folder + "/client.pem";
        // OpenSSL accepts no other server than one whose certificate this authority made for it.
        sslContext::certificate_authority_file = authority.c_str();
        sslContext::key_file = identity.c_str();
        sslContext::key_file_password = "";
        const char* options[][2] = {{"clientTransportRule", "* ssl"},
                                    {"nativeCharCodeSet", "UTF-8"},
                                    {"giopMaxMsgSize", "16777216"},
                                    {nullptr, nullptr}};
        int none = 0;
        CORBA::ORB_var orb = CORBA::ORB_init(none, nullptr, "omniORB4", options);
        const int code = work(orb, serverOf(folder), words);
        orb->destroy();
        return code;
    } catch (const Coffer::Failed& failed) {
        std::cerr << "client: " << failed.message << " (" << failed.code << ")\n";
    } catch (const CORBA::SystemException& failure) {
        std::cerr << "client: " << failure._name() << ' ' << failure.NP_minorString() << '\n';
    } catch (const std::exception& error) {
        std::cerr << "client: " << error.what() << '\n';
    }
    return 1;
}
