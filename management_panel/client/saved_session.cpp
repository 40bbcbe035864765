#include "management_panel/client/saved_session.h"

#include <map>
#include <sstream>

#include "core/base/error.h"
#include "core/trust/private_file.h"

namespace coffer::client {

namespace {

std::string textOf(const ClientFolder& folder) {
    try {
        return readTextFile(folder.sessionFile());
    } catch (const Error& error) {
        if (error.code() != ErrorCode::notFound) throw;
        throw Error(ErrorCode::loginAgain, "nobody has logged in yet");
    }
}

}  // namespace

SavedSession loadSession(const ClientFolder& folder) {
    std::istringstream lines(textOf(folder));
    std::map<std::string, std::string> values;
    for (std::string line; std::getline(lines, line);) {
        const std::size_t space = line.find(' ');
        if (space != std::string::npos) values[line.substr(0, space)] = line.substr(space + 1);
    }
    try {
        return {Endpoint::parse(values["server"]), values["user"], values["session"]};
    } catch (const Error&) {
        throw Error(ErrorCode::loginAgain, folder.sessionFile() + " is damaged");
    }
}

void saveSession(const ClientFolder& folder, const SavedSession& session) {
    writePrivateFile(folder.sessionFile(), "server " + session.server.text() + "\nuser " +
                                               session.user + "\nsession " + session.reference +
                                               "\n");
}

}  // namespace coffer::client
