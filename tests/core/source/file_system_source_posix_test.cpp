#include "core/source/file_system_source.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>

#include "core/base/unique_fd.h"
#include "core/source/open_posix.h"
#include "tests/support/expect_error.h"
#include "tests/support/nasty_tree.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

namespace fs = std::filesystem;

class FileSystemSourceTest : public testing::Test {
  protected:
    std::unique_ptr<Folder> openRoot() { return source.openFolder(scratch.path()); }

    std::string file(const std::string& name, const std::string& content = "content") {
        std::ofstream(scratch / name, std::ios::binary) << content;
        return scratch / name;
    }

    /// False where the file system or the lack of rights forbids it.
    bool setXattr(const std::string& name, const std::string& attribute, const std::string& value) {
        return ::lsetxattr((scratch / name).c_str(), attribute.c_str(), value.data(), value.size(),
                           0) == 0;
    }

    bool setFlags(const std::string& name, unsigned flags) {
        const UniqueFd fd(::open((scratch / name).c_str(), O_RDONLY));
        unsigned all = 0;
        if (!fd || ::ioctl(fd.get(), FS_IOC_GETFLAGS, &all) != 0) return false;
        all |= flags;
        return ::ioctl(fd.get(), FS_IOC_SETFLAGS, &all) == 0;
    }

    /// Whether `work` is fine as an ordinary user, in a process of its own.
    template <class Work>
    static bool holdsWithoutRights(Work&& work) {
        const pid_t child = ::fork();
        if (child == 0) {
            bool fine = false;
            try {
                fine = ::setgid(65534) == 0 && ::setuid(65534) == 0 && work();
            } catch (const Error&) {
                fine = false;
            }
            ::_exit(fine ? 0 : 1);
        }
        int status = -1;
        return ::waitpid(child, &status, 0) == child && WIFEXITED(status) &&
               WEXITSTATUS(status) == 0;
    }

    static Xattr xattr(const std::string& name, std::string_view value) {
        return {name, toBytes(bytesOf(value))};
    }

    ScratchFolder scratch;
    FileSystemSource source;
};

TEST_F(FileSystemSourceTest, StatTellsEveryKindOfEntry) {
    const auto make = [&](const std::string& name, mode_t mode, dev_t device) {
        return ::mknod((scratch / name).c_str(), mode, device) == 0;
    };
    ASSERT_TRUE(make("fifo", S_IFIFO | 0640, 0));
    ASSERT_TRUE(make("socket", S_IFSOCK | 0600, 0));
    const auto root = openRoot();
    EXPECT_EQ(root->stat("fifo")->type, EntryType::fifo);
    EXPECT_EQ(root->stat("socket")->type, EntryType::socket);
    EXPECT_TRUE(root->details(*root->stat("fifo")).xattrs.empty());
    EXPECT_TRUE(root->details(*root->stat("socket")).linkTarget.empty());

    if (!make("tty", S_IFCHR | 0600, makedev(4095, 1'048'575))) GTEST_SKIP() << "not root";
    ASSERT_TRUE(make("disk", S_IFBLK | 0600, makedev(7, 300)));
    EXPECT_EQ(root->stat("tty")->type, EntryType::characterDevice);
    EXPECT_EQ(root->stat("tty")->deviceMajor, 4095u);
    EXPECT_EQ(root->stat("tty")->deviceMinor, 1'048'575u);
    EXPECT_EQ(root->stat("disk")->type, EntryType::blockDevice);
    EXPECT_EQ(root->stat("disk")->deviceMinor, 300u);
}

TEST_F(FileSystemSourceTest, StatAgreesWithTheSystem) {
    const std::string path = file("file", "12345");
    ASSERT_EQ(::chmod(path.c_str(), 06751), 0);
    struct stat expected;
    ASSERT_EQ(::stat(path.c_str(), &expected), 0);
    const Stat got = *openRoot()->stat("file");
    EXPECT_EQ(got.mode, 06751u);
    EXPECT_EQ(got.uid, expected.st_uid);
    EXPECT_EQ(got.inode, expected.st_ino);
    EXPECT_EQ(got.device, expected.st_dev);
    EXPECT_EQ(got.mtime, (Timestamp{expected.st_mtim.tv_sec,
                                    static_cast<std::uint32_t>(expected.st_mtim.tv_nsec)}));
    EXPECT_EQ(got.ctime.seconds, expected.st_ctim.tv_sec);
    ASSERT_TRUE(got.btime);
    EXPECT_LE(*got.btime, got.ctime);
}

TEST_F(FileSystemSourceTest, TimesFarAwayArriveWhole) {
    file("file");
    const auto root = openRoot();
    for (const std::int64_t seconds : {std::int64_t{-1'000'000'000}, std::int64_t{-1},
                                       std::int64_t{4'102'444'800}, std::int64_t{13'569'465'600}}) {
        const timespec times[2] = {{seconds, 7}, {seconds, 999'999'999}};
        ASSERT_EQ(::utimensat(AT_FDCWD, (scratch / "file").c_str(), times, 0), 0);
        struct stat kept;
        ASSERT_EQ(::stat((scratch / "file").c_str(), &kept), 0);
        if (kept.st_mtim.tv_sec != seconds) continue;  // beyond what this file system holds
        EXPECT_EQ(root->stat("file")->mtime, (Timestamp{seconds, 999'999'999}));
    }
}

TEST_F(FileSystemSourceTest, ListsManyAndOddNamesOnceEach) {
    std::set<std::string> expected;
    for (int i = 0; i < 3000; ++i) expected.insert(std::to_string(i) + std::string(60, 'x'));
    for (int octet = 1; octet < 256; ++octet) {
        if (octet != '/' && octet != '.') expected.insert(std::string(1, static_cast<char>(octet)));
    }
    expected.insert({std::string(255, '\xFF'), "new\nline", "...", "..a", " "});
    for (const std::string& name : expected) file(name, "");
    std::vector<std::string> listed;
    const auto root = openRoot();
    root->list([&](std::string_view name) { listed.emplace_back(name); });
    EXPECT_EQ(listed.size(), expected.size());
    EXPECT_EQ(std::set<std::string>(listed.begin(), listed.end()), expected);
    for (const std::string& name : expected) EXPECT_TRUE(root->stat(name)) << name;
}

TEST_F(FileSystemSourceTest, AFolderRemovedMeanwhileIsEmpty) {
    fs::create_directory(scratch / "gone");
    const auto folder = source.openFolder(scratch / "gone");
    fs::remove(scratch / "gone");
    folder->list([](std::string_view) { ADD_FAILURE(); });
    EXPECT_EQ(folder->statSelf().type, EntryType::folder);
}

TEST_F(FileSystemSourceTest, OpensPathsOfAnyLength) {
    std::string path = scratch.path();
    UniqueFd at(::open(path.c_str(), O_PATH));
    for (int level = 0; level < 60; ++level) {
        const std::string part(level % 2 == 0 ? 255 : 101, 'p');
        ASSERT_EQ(::mkdirat(at.get(), part.c_str(), 0755), 0);
        at = UniqueFd(::openat(at.get(), part.c_str(), O_PATH));
        path += "/" + part;
    }
    ASSERT_GT(path.size(), 10'000u);
    ASSERT_EQ(::symlinkat(".", at.get(), "link"), 0);
    EXPECT_TRUE(source.openFolder(path)->stat("link"));
    EXPECT_TRUE(openFolderPathByParts(path));
    expectError(ErrorCode::conflict, [&] { source.openFolder(path + "/link"); });
    expectError(ErrorCode::notFound, [&] { source.openFolder(path + "/none"); });
}

TEST_F(FileSystemSourceTest, BothWaysToOpenRefuseTheSame) {
    fs::create_directories(scratch / "real/inner");
    fs::create_symlink("real", scratch / "link");
    file("file");
    for (const auto open : {openFolderPath, openFolderPathByParts}) {
        EXPECT_TRUE(open("/"));
        EXPECT_TRUE(open(scratch / "real/inner"));
        for (const char* path : {"link", "link/", "link/inner", "file", "file/x"}) {
            expectError(ErrorCode::conflict, [&] { open(scratch / path); });
        }
        expectError(
            ErrorCode::notFound, [&] { open(scratch / "none"); }, "none");
        expectError(ErrorCode::conflict, [&] { open("/proc/self/fd"); });
    }
}

TEST_F(FileSystemSourceTest, AFolderSwappedForASymlinkIsRefused) {
    fs::create_directories(scratch / "folder/inner");
    fs::create_directories(scratch / "elsewhere/inner");
    const auto folder = source.openFolder(scratch / "folder");
    fs::rename(scratch / "folder", scratch / "moved");
    fs::create_directory_symlink("elsewhere", scratch / "folder");
    expectError(ErrorCode::conflict, [&] { source.openFolder(scratch / "folder/inner"); });
    EXPECT_TRUE(folder->stat("inner"));  // what was opened stays what it was
}

TEST_F(FileSystemSourceTest, AFifoInPlaceOfAFileNeitherBlocksNorOpens) {
    file("file");
    const auto root = openRoot();
    const Stat before = *root->stat("file");
    fs::remove(scratch / "file");
    ASSERT_EQ(::mkfifo((scratch / "file").c_str(), 0600), 0);
    expectError(ErrorCode::conflict, [&] { root->open(before); });
    fs::remove(scratch / "file");
    ASSERT_EQ(::mknod((scratch / "file").c_str(), S_IFSOCK | 0600, 0), 0);
    expectError(ErrorCode::conflict, [&] { root->open(before); });
}

int leasedFd = -1;

void giveLeaseBack(int) {
    const int error = errno;
    ::fcntl(leasedFd, F_SETLEASE, F_UNLCK);
    errno = error;
}

TEST_F(FileSystemSourceTest, AFileUnderLeaseIsOpenedOnceTheHolderLetsGo) {
    const UniqueFd holder(::open(file("file").c_str(), O_RDWR));
    const auto root = openRoot();
    const Stat entry = *root->stat("file");
    leasedFd = holder.get();
    const auto before = std::signal(SIGIO, giveLeaseBack);
    if (::fcntl(leasedFd, F_SETLEASE, F_WRLCK) != 0) GTEST_SKIP() << "no leases here";
    Bytes buffer(100);
    EXPECT_EQ(root->open(entry)->readAt(0, buffer), 7u);
    EXPECT_EQ(::fcntl(leasedFd, F_GETLEASE), F_UNLCK);
    std::signal(SIGIO, before);
}

TEST_F(FileSystemSourceTest, ReadingLeavesTheAccessTime) {
    file("file");
    const timespec old[2] = {{1'000'000, 0}, {2'000'000, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, (scratch / "file").c_str(), old, 0), 0);
    const auto root = openRoot();
    Bytes buffer(100);
    EXPECT_EQ(root->open(*root->stat("file"))->readAt(0, buffer), 7u);
    struct stat now;
    ASSERT_EQ(::stat((scratch / "file").c_str(), &now), 0);
    EXPECT_EQ(now.st_atim.tv_sec, 1'000'000);
}

TEST_F(FileSystemSourceTest, HolesOfATebibyteCostOneCall) {
    constexpr std::uint64_t size = std::uint64_t{1} << 40;
    const UniqueFd fd(::open(file("sparse", "").c_str(), O_WRONLY));
    ASSERT_EQ(::pwrite(fd.get(), "data", 4, size / 2), 4);
    ASSERT_EQ(::ftruncate(fd.get(), size), 0);
    const auto root = openRoot();
    const auto reader = root->open(*root->stat("sparse"));
    std::vector<Region> regions;
    std::uint64_t at = 0;
    for (Region region = reader->regionAt(0); region.length != 0; region = reader->regionAt(at)) {
        ASSERT_LT(regions.size(), 10u);
        regions.push_back(region);
        at += region.length;
    }
    EXPECT_EQ(at, size);
    ASSERT_EQ(regions.size(), 3u);
    EXPECT_TRUE(regions[0].hole);
    EXPECT_FALSE(regions[1].hole);
    EXPECT_LE(regions[1].length, 1u << 20);
    EXPECT_TRUE(regions[2].hole);
    Bytes buffer(6);
    EXPECT_EQ(reader->readAt(size / 2 - 1, buffer), 6u);
    EXPECT_EQ(textOf(buffer), std::string_view("\0data\0", 6));
}

TEST_F(FileSystemSourceTest, RegionsFollowAFileThatChanges) {
    const std::string path = file("file", std::string(100'000, 'x'));
    const auto root = openRoot();
    const auto reader = root->open(*root->stat("file"));
    EXPECT_EQ(reader->regionAt(0).length, 100'000u);
    std::ofstream(path, std::ios::app) << "more";
    EXPECT_EQ(reader->regionAt(100'000).length, 4u);
    EXPECT_EQ(reader->statNow().size, 100'004u);
    fs::resize_file(path, 10);
    EXPECT_EQ(reader->regionAt(5).length, 5u);
    EXPECT_EQ(reader->regionAt(50).length, 0u);
}

TEST_F(FileSystemSourceTest, XattrsOfAllNameSpacesSortedByName) {
    file("file");
    const std::string acl(
        "\x02\0\0\0\x01\0\x06\0\xFF\xFF\xFF\xFF\x02\0\x05\0\xE8\x03\0\0"
        "\x04\0\x04\0\xFF\xFF\xFF\xFF\x10\0\x07\0\xFF\xFF\xFF\xFF"
        "\x20\0\0\0\xFF\xFF\xFF\xFF",
        44);
    const std::string capability("\x01\0\0\x02\0\x30\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
    const std::string large(3000, 'v');
    std::vector<Xattr> expected;
    for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
             {"security.capability", capability},
             {"system.posix_acl_access", acl},
             {"trusted.coffer", std::string("\0\xFF", 2)},
             {"user.empty", ""},
             {"user.large", large},
             {"user.\xFF\n", "odd"}}) {
        if (setXattr("file", name, value)) expected.push_back(xattr(name, value));
    }
    if (expected.empty()) GTEST_SKIP() << "no extended attributes here";
    const auto root = openRoot();
    const Stat stat = *root->stat("file");
    EXPECT_EQ(root->open(stat)->details().xattrs, expected);
    EXPECT_EQ(root->details(stat).xattrs, expected);
}

TEST_F(FileSystemSourceTest, XattrsOfSymlinksFoldersAndSpecials) {
    fs::create_symlink("target", scratch / "link");
    fs::create_directory(scratch / "folder");
    ASSERT_EQ(::mkfifo((scratch / "fifo").c_str(), 0600), 0);
    if (!setXattr("link", "trusted.x", "on the link")) GTEST_SKIP() << "not here";
    ASSERT_TRUE(setXattr("fifo", "trusted.x", "on the fifo"));
    ASSERT_TRUE(setXattr("folder", "user.x", "on the folder"));
    const auto root = openRoot();
    const auto detailsOf = [&](const char* name) { return root->details(*root->stat(name)); };
    EXPECT_THAT(detailsOf("link").xattrs, testing::ElementsAre(xattr("trusted.x", "on the link")));
    EXPECT_THAT(detailsOf("fifo").xattrs, testing::ElementsAre(xattr("trusted.x", "on the fifo")));
    EXPECT_THAT(source.openFolder(scratch / "folder")->detailsSelf().xattrs,
                testing::ElementsAre(xattr("user.x", "on the folder")));
}

TEST_F(FileSystemSourceTest, SymlinkTargetsAndTheirHardLinks) {
    const std::string longTarget(4095, 't');
    ASSERT_EQ(::symlink(longTarget.c_str(), (scratch / "long").c_str()), 0);
    ASSERT_EQ(::symlink("\xFF\n", (scratch / "odd").c_str()), 0);
    ASSERT_EQ(::link((scratch / "odd").c_str(), (scratch / "again").c_str()), 0);
    const auto root = openRoot();
    EXPECT_EQ(root->details(*root->stat("long")).linkTarget, longTarget);
    EXPECT_EQ(root->details(*root->stat("odd")).linkTarget, "\xFF\n");
    EXPECT_EQ(root->stat("again")->type, EntryType::symlink);
    EXPECT_EQ(root->stat("again")->inode, root->stat("odd")->inode);
    EXPECT_EQ(root->stat("again")->links, 2u);
}

TEST_F(FileSystemSourceTest, InodeFlags) {
    file("plain");
    file("marked");
    file("fixed");
    if (!setFlags("marked", FS_NODUMP_FL) || !setFlags("fixed", FS_IMMUTABLE_FL)) {
        GTEST_SKIP() << "no inode flags here";
    }
    const auto root = openRoot();
    const auto flagsOf = [&](const char* name) {
        return root->open(*root->stat(name))->details().inodeFlags.value_or(0);
    };
    EXPECT_TRUE(root->stat("marked")->noDump);
    EXPECT_FALSE(root->stat("plain")->noDump);
    EXPECT_EQ(flagsOf("marked") & FS_NODUMP_FL, unsigned{FS_NODUMP_FL});
    EXPECT_EQ(flagsOf("fixed") & FS_IMMUTABLE_FL, unsigned{FS_IMMUTABLE_FL});
    EXPECT_EQ(flagsOf("plain") & (FS_NODUMP_FL | FS_IMMUTABLE_FL), 0u);
    EXPECT_TRUE(root->detailsSelf().inodeFlags);
    EXPECT_FALSE(root->details(*root->stat("plain")).inodeFlags);
}

TEST_F(FileSystemSourceTest, OwnerNamesWhereThereAreAny) {
    const std::string path = file("file");
    if (::chown(path.c_str(), 0, 0) != 0) GTEST_SKIP() << "not root";
    const auto root = openRoot();
    EXPECT_EQ(root->details(*root->stat("file")).owner, "root");
    EXPECT_EQ(root->details(*root->stat("file")).group, "root");
    ASSERT_EQ(::chown(path.c_str(), 0x7FFFFFF0, 0x7FFFFFF1), 0);
    EXPECT_EQ(root->details(*root->stat("file")).owner, "");
    EXPECT_EQ(root->details(*root->stat("file")).group, "");
}

TEST_F(FileSystemSourceTest, AnOrdinaryUserReadsWhatItMay) {
    if (::geteuid() != 0) GTEST_SKIP() << "not root";
    ASSERT_EQ(::chmod(scratch.path().c_str(), 0755), 0);
    file("readable");  // of root, so O_NOATIME is refused
    ASSERT_EQ(::chmod(file("secret").c_str(), 0600), 0);
    EXPECT_TRUE(holdsWithoutRights([&] {
        const auto root = openRoot();
        Bytes buffer(100);
        if (root->open(*root->stat("readable"))->readAt(0, buffer) != 7) return false;
        const Stat secret = *root->stat("secret");
        const auto error = errorOf([&] { root->open(secret); });
        return error && error->code() == ErrorCode::permissionDenied &&
               root->details(secret).owner == "root";
    }));
}

TEST_F(FileSystemSourceTest, ErrorsShowNamesThatAreSafeToPrint) {
    file("bad\n\xFF");
    const auto root = openRoot();
    const Stat entry = *root->stat("bad\n\xFF");
    fs::remove(scratch / "bad\n\xFF");
    expectError(
        ErrorCode::notFound, [&] { root->open(entry); }, "bad\\x0a\\xff");
}

TEST_F(FileSystemSourceTest, ANastyTreeIsReadInAllItsDepth) {
    if (::geteuid() != 0) GTEST_SKIP() << "not root";
    const std::string tree = scratch / "nasty";
    makeNastyTree(tree, 800, 1);
    std::vector<std::string> todo{tree};
    std::uint64_t entries = 0;
    std::set<EntryType> kinds;
    std::size_t longestPath = 0;
    while (!todo.empty()) {
        const std::string path = todo.back();
        todo.pop_back();
        longestPath = std::max(longestPath, path.size());
        const auto folder = source.openFolder(path);
        folder->detailsSelf();
        std::vector<std::string> names;
        folder->list([&](std::string_view name) { names.emplace_back(name); });
        for (const std::string& name : names) {
            const Stat stat = folder->stat(name).value();
            ++entries;
            kinds.insert(stat.type);
            if (stat.type == EntryType::folder) {
                todo.push_back(path + "/" + name);
            } else if (stat.type == EntryType::file) {
                const auto file = folder->open(stat);
                EXPECT_EQ(file->details().xattrs, folder->details(stat).xattrs);
            } else {
                EXPECT_EQ(folder->details(stat).linkTarget.empty(),
                          stat.type != EntryType::symlink);
            }
        }
    }
    EXPECT_GE(entries, 800u);
    EXPECT_EQ(kinds.size(), 7u);
    EXPECT_GT(longestPath, 6000u);
}

}  // namespace
}  // namespace coffer
