#pragma once

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "core/console/exit_codes.h"
#include "core/console/json.h"
#include "management_panel/cli/program.h"
#include "tests/management_panel/client/fake_orb.h"
#include "tests/management_panel/client/fake_server.h"
#include "tests/support/scratch_folder.h"

namespace coffer::cli {

/// Runs verbs of coffer against a made-up server with the agent "laptop".
class CliFixture : public testing::Test {
  protected:
    /// Gives the exit code; what was printed is in out_ and err_.
    int run(std::vector<std::string> words, const std::string& input = "") {
        std::istringstream in(input);
        const Redirected from(std::cin, in.rdbuf());
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        const int code = runCoffer(
            std::move(words), [this]() -> client::Connection& { return connection_; }, cancel_);
        out_ = testing::internal::GetCapturedStdout();
        err_ = testing::internal::GetCapturedStderr();
        return code;
    }

    /// What a verb prints with --json.
    Json json(std::vector<std::string> words) {
        words.insert(words.begin(), "--json");
        EXPECT_EQ(run(words), exitSuccess) << err_;
        return Json::parse(out_);
    }

    fake::Server server_{fake::orb()};
    const std::shared_ptr<fake::Tree> files_ = server_.addAgent("laptop");
    const Coffer::Session_var session_ = server_.session();
    client::Connection connection_{session_.in()};
    CancelToken cancel_;
    ScratchFolder scratch_;
    std::string out_;
    std::string err_;

  private:
    class Redirected {
      public:
        Redirected(std::istream& stream, std::streambuf* buffer)
            : stream_(stream), before_(stream.rdbuf(buffer)) {
            stream_.clear();
        }
        ~Redirected() { stream_.rdbuf(before_); }
        Redirected(const Redirected&) = delete;
        Redirected& operator=(const Redirected&) = delete;

      private:
        std::istream& stream_;
        std::streambuf* before_;
    };
};

using Calls = std::vector<std::string>;

}  // namespace coffer::cli
