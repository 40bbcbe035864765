#include "management_panel/cli/completion.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <memory>

#include "core/trust/private_file.h"
#include "management_panel/cli/completion_tree.h"
#include "tests/management_panel/cli/cli_fixture.h"

namespace coffer::cli {
namespace {

class Completion : public CliFixture {
  protected:
    /// What bash offers for the last of these words, one a line.
    std::string offered(const std::vector<std::string>& words) {
        EXPECT_EQ(run({"completion", "bash"}), exitSuccess);
        std::string script = out_ + "COMP_WORDS=(";
        for (const std::string& word : words) script += "'" + word + "' ";
        script += ")\nCOMP_CWORD=" + std::to_string(words.size() - 1) +
                  "\n_coffer\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n";
        writePrivateFile(scratch_ / "script", script);
        const std::unique_ptr<FILE, int (*)(FILE*)> shell(
            ::popen(("bash --norc '" + (scratch_ / "script") + "' 2>&1").c_str(), "r"), ::pclose);
        std::string text;
        for (int c = 0; (c = std::fgetc(shell.get())) != EOF;) text += static_cast<char>(c);
        return text;
    }
};

TEST_F(Completion, bashOffersVerbs) {
    EXPECT_EQ(offered({"coffer", "ls"}), "ls\nls-snapshot\n");
    EXPECT_EQ(offered({"coffer", "--json", "enr"}), "enrol-token\n");
    EXPECT_EQ(offered({"coffer", "repo", "recovery-kit", "e"}), "export\n");
    EXPECT_EQ(offered({"coffer", "run", "s"}), "show\n");
}

TEST_F(Completion, bashOffersOptionsOfTheVerb) {
    EXPECT_EQ(offered({"coffer", "restore", "latest", "--o"}), "--overwrite\n");
    EXPECT_EQ(offered({"coffer", "backup", "laptop:/x", "--j"}), "--json\n");
    EXPECT_EQ(offered({"coffer", "agents", "--o"}), "\n");
}

TEST_F(Completion, bashOffersValues) {
    EXPECT_EQ(offered({"coffer", "restore", "latest", "--overwrite", "o"}), "older\n");
    EXPECT_EQ(offered({"coffer", "restore", "latest", "--repo", "o"}), "\n");
    // A value is no verb.
    EXPECT_EQ(offered({"coffer", "login", "--user", "run", "--ren"}), "--renew\n");
}

TEST_F(Completion, zshNamesEveryVerb) {
    EXPECT_EQ(run({"completion", "zsh"}), exitSuccess);
    for (const char* text :
         {"#compdef coffer\n", "'enrol-token:", "'/repo/recovery-kit/export')"}) {
        EXPECT_NE(out_.find(text), std::string::npos) << text;
    }
    EXPECT_EQ(run({"completion", "fish"}), exitUsage);
}

TEST_F(Completion, theManualNamesEveryVerbAndOption) {
    EXPECT_EQ(run({"man-page"}), exitSuccess);
    for (const char* text : {".TH COFFER 1 ", ".SS \"coffer enrol\\-token [OPTION...] NAME\"",
                             ".BI \"\\-\\-overwrite\" \" HOW", "backup [OPTION...] AGENT:/path...",
                             "coffer repo recovery\\-kit confirm [OPTION...] FILE"}) {
        EXPECT_NE(out_.find(text), std::string::npos) << text;
    }
    // A line that begins with a dot or a quote would be a request.
    EXPECT_EQ(out_.find("\n'"), std::string::npos);
}

TEST_F(Completion, everyVerbHasAnExampleInItsHelp) {
    std::vector<Calls> waiting{{}};
    EXPECT_EQ(run({"completion", "bash"}), exitSuccess);
    const std::string script = out_;
    std::size_t count = 0;
    for (std::size_t at = 0; (at = script.find("        '/", at)) != std::string::npos; ++at) {
        std::string path = script.substr(at + 10, script.find('\'', at + 10) - at - 10);
        Calls words;
        for (std::size_t cut = 0; (cut = path.find('/')) != std::string::npos;) {
            words.push_back(path.substr(0, cut));
            path.erase(0, cut + 1);
        }
        words.push_back(path);
        words.emplace_back("--help");
        EXPECT_EQ(run(words), exitSuccess);
        EXPECT_NE(out_.find("Example"), std::string::npos) << out_;
        ++count;
    }
    EXPECT_GT(count, 25U);
}

}  // namespace
}  // namespace coffer::cli
