#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <string>
#include <vector>

namespace coffer {

/// What the verbs of a program that runs as a service share.
struct ServiceContext {
    std::string state;     // folder
    std::string config{};  // a file of settings; empty: the usual place
    bool stateNamed = false;
    std::function<int()> job{};  // set by the verb that was named
};

/// A program that runs as a service, as its command line shows it.
struct ServiceProgram {
    std::string name;
    std::string version;
    std::string purpose;     // a sentence
    std::string footer;      // of the help
    std::string configHelp;  // what --config means to it
    std::function<void(CLI::App&)> addVerbs;
    std::function<std::string()> settings;  // all of them with their comments, for print-config
};

/// Does what the words behind the program's name say, with --state, --config and the verb
/// print-config that all such programs have, and gives the exit code. `context` has the usual state
/// folder and is filled in. To be called once, before there are threads.
int runService(const ServiceProgram& program, ServiceContext& context,
               std::vector<std::string> words);

}  // namespace coffer
