// Asks a server's management calls again and again, as a panel and its users do, and prints how
// long each took: {"calls": {NAME: {"count": n, "p50": ms, "p99": ms, "most": ms}}, "all": {…},
// "runs": [numbers]}. Uses the session that the last `coffer login` saved.

#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "core/base/error.h"
#include "core/rpc/convert.h"
#include "management_panel/client/connection.h"

namespace {

using namespace coffer;
using Time = std::chrono::steady_clock;
using Json = nlohmann::json;

constexpr CORBA::ULong runsOfPage = 200;
constexpr CORBA::ULong entriesOfPage = 1'000;

struct Options {
    int seconds = 0;
    int pauseMs = 0;
    std::string tree;        // of small runs that are started
    double runsASecond = 0;  // at random agents
};

struct Call {
    const char* name = "";
    std::function<void()> make;
    std::vector<double> took;  // ms
};

double sinceMs(Time::time_point start) {
    return std::chrono::duration<double, std::milli>(Time::now() - start).count();
}

Json figuresOf(std::vector<double> took) {
    if (took.empty()) return {{"count", 0}};
    std::ranges::sort(took);
    const auto at = [&](double part) {
        return took[static_cast<std::size_t>(part * static_cast<double>(took.size() - 1))];
    };
    return {{"count", took.size()}, {"p50", at(0.5)}, {"p99", at(0.99)}, {"most", took.back()}};
}

class Load {
  public:
    Load(client::Connection& connection, const Options& options)
        : connection_(connection), options_(options) {
        Coffer::AgentInfos_var agents = connection_.agents()->list();
        for (CORBA::ULong i = 0; i < agents->length(); ++i) agents_.emplace_back(agents[i].name);
        Coffer::RunInfos_var runs = connection_.runs()->list(0, 1);
        newest_ = runs->length() > 0 ? runs[0].number : 0;
        fill();
    }

    Json run() {
        const auto begin = Time::now();
        const auto end = begin + std::chrono::seconds(options_.seconds);
        for (std::size_t turn = 0; Time::now() < end; ++turn) {
            Call& call = calls_[turn % calls_.size()];
            const auto start = Time::now();
            call.make();
            call.took.push_back(sinceMs(start));
            startRuns(sinceMs(begin) / 1'000);
            std::this_thread::sleep_for(std::chrono::milliseconds(options_.pauseMs));
        }
        return figures();
    }

  private:
    CORBA::LongLong anyRun() {
        return std::uniform_int_distribution<CORBA::LongLong>(1, newest_)(dice_);
    }

    const std::string& anyAgent() {
        return agents_[std::uniform_int_distribution<std::size_t>(0, agents_.size() - 1)(dice_)];
    }

    void add(const char* name, std::function<void()> make) {
        calls_.push_back({name, std::move(make), {}});
    }

    void fill() {
        add("agents", [this] { Coffer::AgentInfos_var(connection_.agents()->list()); });
        add("runs, newest",
            [this] { Coffer::RunInfos_var(connection_.runs()->list(0, runsOfPage)); });
        add("tasks", [this] { Coffer::TaskInfos_var(connection_.tasks()->list()); });
        add("status", [this] { Coffer::StatusReport_var(connection_.status()->report("")); });
        add("events",
            [this] { Coffer::Events_var(connection_.events()->since(0, entriesOfPage, 0)); });
        add("snapshots",
            [this] { Coffer::SnapshotInfos_var(connection_.snapshots()->list("main")); });
        add("repositories",
            [this] { Coffer::RepositoryInfos_var(connection_.repositories()->list()); });
        if (newest_ == 0) return;
        add("runs, anywhere",
            [this] { Coffer::RunInfos_var(connection_.runs()->list(anyRun(), runsOfPage)); });
        add("run", [this] { Coffer::RunInfo_var(connection_.runs()->get(anyRun())); });
        add("problems of a run",
            [this] { Coffer::RunProblems_var(connection_.runs()->problems(anyRun())); });
        add("log of a run", [this] {
            Coffer::LogFilter filter;
            filter.least = "info";
            Coffer::LogPage_var(connection_.logs()->entries(anyRun(), filter, 0, entriesOfPage));
        });
    }

    void startRuns(double passed) {
        while (static_cast<double>(runs_.size()) < passed * options_.runsASecond) {
            runs_.push_back(
                connection_.runs()->startBackup(anyAgent().c_str(), rpc::toPaths({options_.tree}),
                                                Coffer::Strings(), "main", Coffer::Settings()));
        }
    }

    Json figures() const {
        Json calls = Json::object();
        std::vector<double> all;
        for (const Call& call : calls_) {
            calls[call.name] = figuresOf(call.took);
            all.insert(all.end(), call.took.begin(), call.took.end());
        }
        return {{"calls", calls}, {"all", figuresOf(std::move(all))}, {"runs", runs_}};
    }

    client::Connection& connection_;
    const Options options_;
    std::minstd_rand dice_{1};
    std::vector<std::string> agents_;
    CORBA::LongLong newest_ = 0;
    std::vector<Call> calls_;
    std::vector<CORBA::LongLong> runs_;
};

Options optionsOf(int count, char** words) {
    if (count != 3 && count != 5) {
        throw Error(ErrorCode::invalidArgument,
                    "usage: management-load SECONDS PAUSE_MS [TREE RUNS_A_SECOND]");
    }
    Options options;
    options.seconds = std::stoi(words[1]);
    options.pauseMs = std::stoi(words[2]);
    if (count == 5) {
        options.tree = words[3];
        options.runsASecond = std::stod(words[4]);
    }
    return options;
}

}  // namespace

int main(int count, char** words) {
    try {
        const Options options = optionsOf(count, words);
        client::Connection connection(client::ClientFolder::ofUser());
        std::cout << Load(connection, options).run().dump() << '\n';
        return 0;
    } catch (const Coffer::Failed& failure) {
        std::cerr << "management-load: " << failure.message << '\n';
    } catch (const CORBA::Exception& failure) {
        std::cerr << "management-load: " << failure._name() << '\n';
    } catch (const std::exception& failure) {
        std::cerr << "management-load: " << failure.what() << '\n';
    }
    return 1;
}
