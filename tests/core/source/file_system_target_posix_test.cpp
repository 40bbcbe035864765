#include "core/source/file_system_target.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "core/base/unique_fd.h"
#include "tests/support/expect_error.h"
#include "tests/support/nasty_tree.h"

namespace coffer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const auto accessAcl = fromHex(
    "0200000001000600ffffffff02000700e803000004000500ffffffff10000700ffffffff20000400ffffffff");
const auto defaultAcl = fromHex(
    "0200000001000700ffffffff02000700e803000004000500ffffffff10000700ffffffff20000000ffffffff");
const auto capability = fromHex("0100000200040000000000000000000000000000");

class FileSystemTargetTest : public testing::Test {
  protected:
    ~FileSystemTargetTest() override { removeTree(base_); }

    FileSystemTarget& target() {
        if (!target_) target_.emplace(root_, options_);
        return *target_;
    }

    std::vector<std::string> writeFile(const std::string& path, const Attributes& attributes,
                                       const std::string& content = "") {
        auto all = attributes;
        all.size = content.size();
        const auto writer = target().createFile(path, all);
        writer->writeAt(0, bytesOf(content));
        return writer->finish(all);
    }

    static Attributes of(EntryType type, std::uint32_t mode = 0644) {
        Attributes attributes;
        attributes.type = type;
        attributes.mode = mode;
        attributes.uid = ::geteuid();
        attributes.gid = ::getegid();
        attributes.mtime = {1'600'000'000, 1};
        return attributes;
    }

    std::string in(const std::string& path) const { return root_ + '/' + path; }

    struct stat statOf(const std::string& path) const {
        struct stat found {};
        EXPECT_EQ(::lstat(in(path).c_str(), &found), 0) << path;
        return found;
    }

    // "none" when there is none.
    Bytes xattr(const std::string& path, const char* name) const {
        Bytes value(65536);
        const auto size = ::lgetxattr(in(path).c_str(), name, value.data(), value.size());
        if (size < 0) return toBytes(bytesOf("none"));
        value.resize(static_cast<std::size_t>(size));
        return value;
    }

    unsigned flags(const std::string& path) const {
        const UniqueFd fd(::open(in(path).c_str(), O_RDONLY));
        unsigned found = 0;
        EXPECT_EQ(::ioctl(fd.get(), FS_IOC_GETFLAGS, &found), 0) << path;
        return found;
    }

    static void put(const std::string& path) {
        EXPECT_TRUE(UniqueFd(::open(path.c_str(), O_CREAT | O_WRONLY, 0600)));
    }

    const std::string base_ = [] {
        std::string name = testing::TempDir() + "coffer-target-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) throw Error::fromErrno(errno, "mkdtemp");
        return name;
    }();
    const std::string root_ = base_ + "/root";
    FileSystemTarget::Options options_;
    std::optional<FileSystemTarget> target_;
};

const bool isRoot = ::geteuid() == 0;

TEST_F(FileSystemTargetTest, makesTheTargetWithItsParents) {
    const FileSystemTarget deep(base_ + "/x//y/z/", options_);
    struct stat found {};
    ASSERT_EQ(::stat((base_ + "/x/y/z").c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777, 0700u);
}

TEST_F(FileSystemTargetTest, refusesATargetThatIsNotEmpty) {
    target().makeFolder("lost+found");
    EXPECT_NO_THROW(FileSystemTarget(root_, options_));
    put(in("x"));
    expectError(
        ErrorCode::alreadyExists, [&] { FileSystemTarget(root_, options_); },
        "target is not empty");
    options_.resume = true;
    EXPECT_NO_THROW(FileSystemTarget(root_, options_));
    expectError(ErrorCode::notFound, [&] { FileSystemTarget(in("x"), options_); });
}

TEST_F(FileSystemTargetTest, takesOverLostAndFound) {
    target();
    ::mkdir(in("lost+found").c_str(), 0755);
    target().makeFolder("lost+found");
    EXPECT_EQ(statOf("lost+found").st_mode & 07777, 0700u);
}

TEST_F(FileSystemTargetTest, bitsThatTheUmaskTakesAway) {
    const auto old = ::umask(027);
    EXPECT_THAT(writeFile("a", of(EntryType::file, 0666)), IsEmpty());
    target().makeFolder("d");
    EXPECT_THAT(writeFile("d/b", of(EntryType::file, 0777)), IsEmpty());
    EXPECT_THAT(writeFile("d/c", of(EntryType::file, 0000)), IsEmpty());
    EXPECT_THAT(target().makeSpecial("d/p", of(EntryType::fifo, 0666)), IsEmpty());
    EXPECT_THAT(target().finishFolder("d", of(EntryType::folder, 02777)), IsEmpty());
    ::umask(old);
    EXPECT_EQ(statOf("a").st_mode & 07777, 0666u);
    EXPECT_EQ(statOf("d/b").st_mode & 07777, 0777u);
    EXPECT_EQ(statOf("d/c").st_mode & 07777, 0000u);
    EXPECT_EQ(statOf("d/p").st_mode & 07777, 0666u);
    EXPECT_EQ(statOf("d").st_mode & 07777, 02777u);
}

TEST_F(FileSystemTargetTest, ownersAndSpecialBits) {
    if (!isRoot) GTEST_SKIP() << "needs root";
    target().makeFolder("d");
    for (const auto& path : {"a", "d/b", "d/c"}) {
        auto attributes = of(EntryType::file, 06755);
        attributes.uid = 1001;
        attributes.gid = 1002;
        EXPECT_THAT(writeFile(path, attributes, "x"), IsEmpty());
        EXPECT_EQ(statOf(path).st_uid, 1001u);
        EXPECT_EQ(statOf(path).st_gid, 1002u);
        EXPECT_EQ(statOf(path).st_mode & 07777, 06755u);
    }
    auto link = of(EntryType::symlink, 0777);
    link.linkTarget = "a";
    link.uid = 1003;
    EXPECT_THAT(target().makeSpecial("link", link), IsEmpty());
    EXPECT_EQ(statOf("link").st_uid, 1003u);
    EXPECT_EQ(statOf("link").st_mtim.tv_sec, 1'600'000'000);
    EXPECT_EQ(statOf("a").st_uid, 1001u);
}

TEST_F(FileSystemTargetTest, aSetgidTargetHandsItsGroupToNewEntries) {
    if (!isRoot) GTEST_SKIP() << "needs root";
    ASSERT_EQ(::mkdir(root_.c_str(), 0755), 0);
    ASSERT_EQ(::chown(root_.c_str(), 0, 1005), 0);
    ASSERT_EQ(::chmod(root_.c_str(), 02755), 0);
    target().makeFolder("d");
    EXPECT_THAT(writeFile("a", of(EntryType::file)), IsEmpty());
    EXPECT_THAT(writeFile("d/b", of(EntryType::file)), IsEmpty());
    EXPECT_THAT(writeFile("d/c", of(EntryType::file)), IsEmpty());
    EXPECT_THAT(target().finishFolder("d", of(EntryType::folder, 0755)), IsEmpty());
    for (const auto& path : {"a", "d", "d/b", "d/c"}) EXPECT_EQ(statOf(path).st_gid, 0u) << path;
    EXPECT_EQ(statOf("d").st_mode & 07777, 0755u);
}

TEST_F(FileSystemTargetTest, withoutOwnersNobodyGetsTheirPower) {
    options_.restoreOwner = false;
    auto attributes = of(EntryType::file, 06755);
    attributes.uid += 1;
    attributes.gid += 1;
    EXPECT_THAT(writeFile("a", attributes),
                ElementsAre(HasSubstr("set-user-id"), HasSubstr("set-group-id")));
    EXPECT_EQ(statOf("a").st_mode & 07777, 0755u);
    EXPECT_EQ(statOf("a").st_uid, ::geteuid());
}

TEST_F(FileSystemTargetTest, nodesOfAllKinds) {
    if (!isRoot) GTEST_SKIP() << "needs root";
    auto device = of(EntryType::characterDevice, 0640);
    device.deviceMajor = 1;
    device.deviceMinor = 300;
    device.uid = 7;
    EXPECT_THAT(target().makeSpecial("c", device), IsEmpty());
    device.type = EntryType::blockDevice;
    EXPECT_THAT(target().makeSpecial("b", device), IsEmpty());
    EXPECT_THAT(target().makeSpecial("s", of(EntryType::socket, 0777)), IsEmpty());
    EXPECT_THAT(target().makeSpecial("p", of(EntryType::fifo, 0)), IsEmpty());
    EXPECT_EQ(statOf("c").st_mode, S_IFCHR | 0640u);
    EXPECT_EQ(statOf("c").st_rdev, ::makedev(1, 300));
    EXPECT_EQ(statOf("c").st_uid, 7u);
    EXPECT_EQ(statOf("b").st_mode, S_IFBLK | 0640u);
    EXPECT_EQ(statOf("s").st_mode, S_IFSOCK | 0777u);
    EXPECT_EQ(statOf("p").st_mode, S_IFIFO | 0u);
    for (const auto& path : {"c", "b", "s", "p"}) {
        EXPECT_EQ(statOf(path).st_mtim.tv_sec, 1'600'000'000);
    }
}

TEST_F(FileSystemTargetTest, extendedAttributesOfAllNameSpaces) {
    if (!isRoot) GTEST_SKIP() << "needs root";
    auto file = of(EntryType::file, 0674);
    file.uid = 5;  // changing the owner takes capabilities away
    file.xattrs = {
        {"security.capability", capability},    {"security.coffer", toBytes(bytesOf("s"))},
        {"system.posix_acl_access", accessAcl}, {"trusted.coffer", toBytes(bytesOf("t"))},
        {"user.coffer", Bytes(2000, 7)},        {"user.empty", {}}};
    EXPECT_THAT(writeFile("a", file, "x"), IsEmpty());
    for (const auto& wanted : file.xattrs) {
        EXPECT_EQ(xattr("a", wanted.name.c_str()), wanted.value) << wanted.name;
    }
    EXPECT_EQ(statOf("a").st_mode & 07777, 0674u);
    EXPECT_EQ(statOf("a").st_mtim.tv_sec, 1'600'000'000);

    auto link = of(EntryType::symlink, 0777);
    link.linkTarget = "a";
    link.xattrs = {{"trusted.link", toBytes(bytesOf("l"))}};
    EXPECT_THAT(target().makeSpecial("link", link), IsEmpty());
    EXPECT_EQ(xattr("link", "trusted.link"), toBytes(bytesOf("l")));
    EXPECT_EQ(xattr("a", "trusted.link"), toBytes(bytesOf("none")));
}

TEST_F(FileSystemTargetTest, refusedAttributesAreLines) {
    auto file = of(EntryType::file);
    file.xattrs = {{"nonsense.x", toBytes(bytesOf("1"))}, {"user.good", toBytes(bytesOf("1"))}};
    EXPECT_THAT(writeFile("a", file),
                ElementsAre("extended attribute nonsense.x: Operation not supported"));
    EXPECT_EQ(xattr("a", "user.good"), toBytes(bytesOf("1")));
    auto fifo = of(EntryType::fifo);
    fifo.xattrs = {{"user.x", toBytes(bytesOf("1"))}};
    EXPECT_THAT(target().makeSpecial("p", fifo),
                ElementsAre("extended attribute user.x: Operation not permitted"));
}

TEST_F(FileSystemTargetTest, defaultAclsReachNobodyElse) {
    if (!isRoot) GTEST_SKIP() << "needs root";
    ASSERT_EQ(::mkdir(root_.c_str(), 0755), 0);
    const auto* name = "system.posix_acl_default";
    ASSERT_EQ(::setxattr(root_.c_str(), name, defaultAcl.data(), defaultAcl.size(), 0), 0);
    target().makeFolder("d");
    EXPECT_THAT(writeFile("a", of(EntryType::file, 0664)), IsEmpty());
    EXPECT_THAT(writeFile("d/b", of(EntryType::file, 0664)), IsEmpty());
    EXPECT_THAT(target().makeSpecial("p", of(EntryType::fifo, 0664)), IsEmpty());
    auto folder = of(EntryType::folder, 0755);
    folder.xattrs = {{name, defaultAcl}};
    EXPECT_THAT(target().finishFolder("d", folder), IsEmpty());
    for (const auto& path : {"a", "d/b", "p"}) {
        EXPECT_EQ(xattr(path, "system.posix_acl_access"), toBytes(bytesOf("none"))) << path;
        EXPECT_EQ(statOf(path).st_mode & 07777, 0664u) << path;
    }
    EXPECT_EQ(xattr("d", "system.posix_acl_access"), toBytes(bytesOf("none")));
    EXPECT_EQ(xattr("d", name), defaultAcl);
    EXPECT_EQ(statOf("d").st_mode & 07777, 0755u);
    EXPECT_THAT(target().finishFolder("", of(EntryType::folder, 0755)), IsEmpty());
    EXPECT_EQ(xattr("", name), toBytes(bytesOf("none")));
}

TEST_F(FileSystemTargetTest, inodeFlags) {
    if (!isRoot) GTEST_SKIP() << "needs root";
    constexpr unsigned wanted = FS_IMMUTABLE_FL | FS_NODUMP_FL | FS_NOATIME_FL;
    auto file = of(EntryType::file);
    file.inodeFlags = wanted | FS_EXTENT_FL;
    const auto lines = writeFile("a", file, "x");
    if (!lines.empty()) GTEST_SKIP() << lines.front();
    EXPECT_EQ(flags("a") & wanted, wanted);
    EXPECT_EQ(statOf("a").st_mtim.tv_sec, 1'600'000'000);

    target().makeFolder("d");
    target().link("a", "d/a");
    EXPECT_EQ(statOf("a").st_nlink, 2u);
    EXPECT_EQ(flags("a") & wanted, wanted);
    auto folder = of(EntryType::folder);
    folder.inodeFlags = FS_IMMUTABLE_FL;
    EXPECT_THAT(target().finishFolder("d", folder), IsEmpty());
    EXPECT_EQ(flags("d") & FS_IMMUTABLE_FL, unsigned{FS_IMMUTABLE_FL});

    options_.resume = true;
    FileSystemTarget resumed(root_, options_);
    resumed.makeFolder("d");
    resumed.remove("d/a");
    EXPECT_EQ(flags("a") & wanted, wanted);
    EXPECT_EQ(statOf("a").st_nlink, 1u);
}

TEST_F(FileSystemTargetTest, timesOfAllAges) {
    for (const std::int64_t seconds :
         {-2'000'000'000LL, -1LL, 0LL, 4'200'000'000LL, 15'000'000'000LL}) {
        auto file = of(EntryType::file);
        file.mtime = {seconds, 999'999'999};
        const auto name = std::to_string(seconds);
        EXPECT_THAT(writeFile(name, file), IsEmpty());
        EXPECT_EQ(statOf(name).st_mtim.tv_sec, seconds);
        EXPECT_EQ(statOf(name).st_mtim.tv_nsec, 999'999'999);
    }
    auto file = of(EntryType::file);
    file.mtime = {std::int64_t{1} << 60, 0};
    const auto lines = writeFile("far", file);
    if (statOf("far").st_mtim.tv_sec != file.mtime.seconds) {
        EXPECT_THAT(lines, ElementsAre(HasSubstr("the file system cannot hold it")));
    }
}

TEST_F(FileSystemTargetTest, holesStayHoles) {
    constexpr std::uint64_t size = std::uint64_t{1} << 36;
    auto file = of(EntryType::file);
    file.size = size;
    const auto writer = target().createFile("a", file);
    writer->writeAt(size / 2, bytesOf("x"));
    EXPECT_THAT(writer->finish(file), IsEmpty());
    EXPECT_EQ(statOf("a").st_size, static_cast<off_t>(size));
    EXPECT_LE(statOf("a").st_blocks, 128);
}

TEST_F(FileSystemTargetTest, pathsOfAnyLength) {
    std::vector<std::string> folders;
    std::string path;
    for (int i = 0; i < 60; ++i) {
        path += (path.empty() ? "" : "/") + std::string(200, 'x');
        folders.push_back(path);
        target().makeFolder(path);
    }
    EXPECT_THAT(writeFile(path + "/f", of(EntryType::file), "deep"), IsEmpty());
    target().link(path + "/f", "f");
    EXPECT_EQ(statOf("f").st_size, 4);
    options_.resume = true;
    FileSystemTarget fresh(root_, options_);  // nothing is open yet
    EXPECT_EQ(fresh.stat(path + "/f")->size, 4u);
    for (; !folders.empty(); folders.pop_back()) {
        EXPECT_THAT(fresh.finishFolder(folders.back(), of(EntryType::folder, 0755)), IsEmpty());
    }
    EXPECT_NO_THROW(FileSystemTarget(root_ + "/new/" + path, options_));
}

// Somebody puts a symlink to a place outside where the restore has made a folder.
TEST_F(FileSystemTargetTest, neverLeavesTheTargetThroughASymlink) {
    const auto outside = base_ + "/outside";
    ::mkdir(outside.c_str(), 0777);
    put(outside + "/victim");
    ASSERT_EQ(::mkdir((outside + "/e").c_str(), 0777), 0);
    target().makeFolder("d");
    target().makeFolder("d/e");
    ASSERT_EQ(::rename(in("d").c_str(), in("moved").c_str()), 0);
    ASSERT_EQ(::symlink(outside.c_str(), in("d").c_str()), 0);

    EXPECT_THAT(writeFile("d/y", of(EntryType::file)), IsEmpty());  // "d" is still open
    EXPECT_EQ(statOf("moved/y").st_size, 0);

    options_.resume = true;
    FileSystemTarget fresh(root_, options_);
    const auto refused = ErrorCode::conflict;
    for (const std::string folder : {"d", "d/e"}) {
        const auto path = folder + "/x";
        expectError(
            refused, [&] { fresh.createFile(path, of(EntryType::file)); }, "symlink");
        expectError(refused, [&] { fresh.makeFolder(path); });
        expectError(refused, [&] { fresh.makeSpecial(path, of(EntryType::fifo)); });
        expectError(refused, [&] { fresh.finishFolder(folder, of(EntryType::folder, 0777)); });
        expectError(refused, [&] { fresh.stat(path); });
    }
    expectError(refused, [&] { fresh.remove("d/victim"); });
    expectError(refused, [&] { fresh.link("d/victim", "stolen"); });
    expectError(ErrorCode::alreadyExists, [&] { fresh.makeFolder("d"); });
    EXPECT_EQ(::rmdir((outside + "/e").c_str()), 0);
    EXPECT_EQ(::unlink((outside + "/victim").c_str()), 0);
    EXPECT_EQ(::rmdir(outside.c_str()), 0) << "something was written outside";
}

TEST_F(FileSystemTargetTest, neverWritesThroughASymlinkInPlaceOfAFile) {
    const auto outside = base_ + "/outside";
    target();
    ASSERT_EQ(::symlink(outside.c_str(), in("a").c_str()), 0);
    expectError(ErrorCode::alreadyExists, [&] { target().createFile("a", of(EntryType::file)); });
    EXPECT_NE(::access(outside.c_str(), F_OK), 0);
}

// A small ext4 in a file, mounted; not everywhere possible.
class SmallDiskTest : public FileSystemTargetTest {
  protected:
    SmallDiskTest() {
        const auto image = base_ + "/image";
        const auto disk = base_ + "/disk";
        ::mkdir(disk.c_str(), 0700);
        const auto command = "truncate -s 4M '" + image +
                             "' && mkfs.ext4 -q -m 0 -O ^has_journal '" + image +
                             "' && mount -o loop '" + image + "' '" + disk + "'";
        if (isRoot && std::system((command + " >/dev/null 2>&1").c_str()) == 0) disk_ = disk;
    }

    ~SmallDiskTest() override {
        target_.reset();
        small_.reset();
        const auto command = "umount '" + disk_ + "'";
        if (!disk_.empty() && std::system(command.c_str()) != 0) ADD_FAILURE() << command;
    }

    void SetUp() override {
        if (disk_.empty()) GTEST_SKIP() << "an ext4 image cannot be made and mounted here";
        small_.emplace(disk_, options_);
    }

    std::string disk_;
    std::optional<FileSystemTarget> small_;
};

TEST_F(SmallDiskTest, aFullDiskIsAnError) {
    const auto writer = small_->createFile("a", of(EntryType::file));
    const Bytes block(65536, 1);
    const auto error = errorOf([&] {
        for (std::uint64_t i = 0; i < 100; ++i) writer->writeAt(i * block.size(), block);
        small_->sync();
    });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), ErrorCode::noSpace);
    EXPECT_THAT(error->what(), HasSubstr("write a: "));
}

TEST_F(SmallDiskTest, anAttributeTooLargeForTheFileSystemIsALine) {
    auto file = of(EntryType::file);
    file.xattrs = {{"user.large", Bytes(60'000, 1)}};
    EXPECT_THAT(small_->createFile("a", file)->finish(file),
                ElementsAre("extended attribute user.large: too large for the file system"));
}

TEST_F(SmallDiskTest, lostAndFoundIsNothing) {
    struct stat found {};
    EXPECT_EQ(::stat((disk_ + "/lost+found").c_str(), &found), 0);
    small_->makeFolder("lost+found");
    EXPECT_THAT(small_->finishFolder("lost+found", of(EntryType::folder, 0711)), IsEmpty());
    EXPECT_EQ(small_->stat("lost+found")->mode, 0711u);
}

}  // namespace
}  // namespace coffer
