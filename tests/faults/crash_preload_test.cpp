#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace coffer {
namespace {

namespace fs = std::filesystem;

constexpr int allPoints = 1 + 5 + 41 + 1 + 2;

class CrashPreloadTest : public testing::Test {
  protected:
    CrashPreloadTest() {
        std::string name = (fs::temp_directory_path() / "coffer-faults-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
        scratch_ = name;
    }
    ~CrashPreloadTest() override { fs::remove_all(scratch_); }

    /// Runs the victim with this setting; its status as of waitpid.
    int run(const char* variable, const std::string& value) {
        fs::remove_all(folder());
        fs::create_directory(folder());
        const std::string work = folder().string();
        const pid_t child = ::fork();
        if (child == 0) {
            ::dup2(::open("/dev/null", O_WRONLY), STDOUT_FILENO);
            ::setenv("LD_PRELOAD", CRASH_PRELOAD, 1);
            ::setenv(variable, value.c_str(), 1);
            ::execl(CRASH_VICTIM, CRASH_VICTIM, work.c_str(), nullptr);
            ::_exit(127);
        }
        int status = 0;
        EXPECT_EQ(::waitpid(child, &status, 0), child);
        return status;
    }

    bool killedAt(int point) {
        const int status = run("COFFER_CRASH_AT", std::to_string(point));
        return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    }

    fs::path folder() const { return scratch_ / "work"; }

    fs::path scratch_;
};

TEST_F(CrashPreloadTest, CountsChangesOfFilesAndFolders) {
    const fs::path result = scratch_ / "count";
    EXPECT_EQ(run("COFFER_CRASH_COUNT", result.string()), 0);
    int count = 0;
    std::ifstream(result) >> count;
    EXPECT_EQ(count, allPoints);
    EXPECT_TRUE(fs::exists(folder() / "stream"));
}

TEST_F(CrashPreloadTest, KillsBeforeThePoint) {
    ASSERT_TRUE(killedAt(1));
    EXPECT_TRUE(fs::is_empty(folder()));
    ASSERT_TRUE(killedAt(2));
    EXPECT_TRUE(fs::is_empty(folder() / "sub"));
    ASSERT_TRUE(killedAt(3));
    EXPECT_EQ(fs::file_size(folder() / "sub" / "temporary"), 0U);
    ASSERT_TRUE(killedAt(5));
    EXPECT_EQ(fs::file_size(folder() / "sub" / "temporary"), 1U);
    ASSERT_TRUE(killedAt(6));
    EXPECT_TRUE(fs::exists(folder() / "sub" / "final"));
    ASSERT_TRUE(killedAt(7));
    EXPECT_FALSE(fs::exists(folder() / "shared"));
}

TEST_F(CrashPreloadTest, KillsAtEveryPointAndNotBeyond) {
    for (int point = 1; point <= allPoints; ++point) EXPECT_TRUE(killedAt(point)) << point;
    EXPECT_FALSE(killedAt(allPoints + 1));
    EXPECT_TRUE(fs::exists(folder() / "stream"));
}

}  // namespace
}  // namespace coffer
