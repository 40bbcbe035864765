#include "management_server/server/own_files.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/trust/private_file.h"
#include "management_server/server/server_settings.h"

namespace coffer {

namespace {

constexpr const char* plainFiles[] = {"authority.pem", "authority.key", "server.pem", "store.key"};
constexpr const char* settingsFile = "server.ini";
constexpr std::string_view secrets = "secrets/";
constexpr std::string_view repositoriesFolder = "repositories/";
constexpr std::string_view keys = "/server-keys";
constexpr std::string_view keysInState = "/state/server-keys";
constexpr std::string_view folderFile = "/folder";

// What is not there is left out.
void add(std::vector<OwnFile>& files, const std::string& name, const std::string& path) {
    try {
        files.push_back({name, readTextFile(path)});
    } catch (const Error& error) {
        if (error.code() != ErrorCode::notFound) throw;
    }
}

// Of "repositories/NAME" and `end`.
std::string repositoryIn(const std::string& name, std::string_view end) {
    if (!name.starts_with(repositoriesFolder) || !name.ends_with(end)) return {};
    std::string repository = name.substr(repositoriesFolder.size());
    repository.resize(repository.size() - std::min(end.size(), repository.size()));
    return repository;
}

// The settings in force, as the text of one file.
std::string settingsInForce(const SettingsFile& all, const std::vector<std::string>& files) {
    std::string text;
    try {
        text = readTextFile(files.at(0));
    } catch (const Error& error) {
        if (error.code() != ErrorCode::notFound) throw;
        text = SettingsFile::commented(ServerSettings::rules());
    }
    for (const SettingRule& rule : ServerSettings::rules()) {
        const std::string origin = all.origin(rule.name);
        if (origin.empty() || origin == files.front()) continue;
        text = SettingsFile::edited(text, rule.name, all.text(rule.name));
    }
    return text;
}

}  // namespace

std::vector<std::string> settingsOfFiles() {
    std::vector<std::string> names;
    for (const SettingRule& rule : ServerSettings::rules()) {
        if (rule.name.ends_with("-file")) names.push_back(rule.name);
    }
    return names;
}

std::string secretFileOf(const std::string& setting) {
    return std::string(secrets) + setting;
}

std::vector<OwnFile> ownFiles(const ServerFolder& folder,
                              const std::vector<std::string>& settingsFiles,
                              const std::vector<std::string>& repositories) {
    std::vector<OwnFile> files;
    for (const char* name : plainFiles) add(files, name, folder.path() + "/" + name);
    const SettingsFile settings(settingsFiles, ServerSettings::rules());
    files.push_back({settingsFile, settingsInForce(settings, settingsFiles)});
    for (const std::string& setting : settingsOfFiles()) {
        const std::string path = settings.text(setting);
        if (!path.empty()) add(files, secretFileOf(setting), path);
    }
    for (const std::string& name : repositories) {
        const std::string inBackup = std::string(repositoriesFolder) + name;
        const std::string own = folder.path() + "/" + inBackup;
        add(files, inBackup + std::string(keys), own + std::string(keysInState));
        add(files, inBackup + std::string(folderFile), own + std::string(folderFile));
    }
    return files;
}

std::string placeOfOwnFile(const ServerFolder& folder, const std::string& name) {
    const std::string inState = folder.path() + "/" + name;
    if (name == settingsFile || name == databaseFile || std::ranges::count(plainFiles, name) > 0) {
        return inState;
    }
    if (name.starts_with(secrets) &&
        std::ranges::count(settingsOfFiles(), name.substr(secrets.size())) > 0) {
        return inState;
    }
    if (const std::string repository = repositoryIn(name, keys); !repository.empty()) {
        checkRepositoryName(repository);
        return folder.path() + "/" + std::string(repositoriesFolder) + repository +
               std::string(keysInState);
    }
    if (const std::string repository = repositoryIn(name, folderFile); !repository.empty()) {
        checkRepositoryName(repository);
        return inState;
    }
    throw Error(ErrorCode::unsupported, "it holds " + printable(name.substr(0, 100)) +
                                            ", which this program does not know: use a newer one");
}

}  // namespace coffer
