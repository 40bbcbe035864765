#include "management_server/updates/package_shelf.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "tests/core/update/update_samples.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

class PackageShelfTest : public testing::Test {
  protected:
    PackageShelfTest() { makeFolders(disk, "/server"); }
    void upload(const Bytes& package) { shelf.upload(0, package, true); }

    SimulatedDisk disk;
    PackageShelf shelf{disk, "/server/updates"};
    const Version version = Version::parse("1.4.0");
};

TEST_F(PackageShelfTest, keepsAPackageThatCameInSlices) {
    const Bytes package = samplePackage();
    for (std::size_t at = 0; at < package.size(); ++at) {
        shelf.upload(at, ByteView(package).subspan(at, 1), at + 1 == package.size());
    }
    ASSERT_EQ(shelf.list().size(), 1U);
    EXPECT_EQ(shelf.list().front().manifest, sampleManifest());
    const Bytes head = shelf.head(version, ownPlatform());
    EXPECT_EQ(readHead(head).packageSize(), package.size());
    EXPECT_EQ(shelf.read(version, ownPlatform(), 0, 1 << 20), package);
    EXPECT_EQ(shelf.read(version, ownPlatform(), package.size() - 2, 100),
              toBytes(ByteView(package).last(2)));
    EXPECT_TRUE(shelf.read(version, ownPlatform(), package.size() + 7, 100).empty());
}

TEST_F(PackageShelfTest, takesSlicesInOrderAlone) {
    const Bytes package = samplePackage();
    expectError(ErrorCode::conflict, [&] { shelf.upload(5, package, true); });
    shelf.upload(0, ByteView(package).first(10), false);
    expectError(ErrorCode::conflict, [&] { shelf.upload(11, package, true); });
    upload(package);  // begins anew
    EXPECT_EQ(shelf.list().size(), 1U);
}

TEST_F(PackageShelfTest, keepsNothingThatIsNotWhole) {
    Bytes package = samplePackage();
    package.back() ^= 1;
    expectError(ErrorCode::corrupt, [&] { upload(package); });
    expectError(ErrorCode::corrupt, [&] { upload({}); });
    package = samplePackage();
    package[60] ^= 1;
    expectError(ErrorCode::untrusted, [&] { upload(package); });
    EXPECT_TRUE(shelf.list().empty());
}

TEST_F(PackageShelfTest, aDamagedPackageIsInNobodysWay) {
    upload(samplePackage());
    upload(samplePackage("1.5.0"));
    const std::string file = "/server/updates/1.4.0_" + ownPlatform() + ".package";
    putFile(disk, file, bytesOf("cut"));
    ASSERT_EQ(shelf.list().size(), 1U);
    EXPECT_EQ(shelf.list().front().manifest.version, Version::parse("1.5.0"));
    upload(samplePackage("1.6.0"));
    shelf.remove(version);
    EXPECT_FALSE(disk.stat(file));
    upload(samplePackage());
    EXPECT_EQ(shelf.list().size(), 3U);
}

TEST_F(PackageShelfTest, anUploadThatFailsLeavesNothing) {
    const std::string incoming = "/server/updates/incoming";
    const Bytes package = samplePackage();
    expectError(ErrorCode::corrupt, [&] { upload(toBytes(ByteView(package).first(200))); });
    EXPECT_FALSE(disk.stat(incoming));
    shelf.upload(0, ByteView(package).first(10), false);
    disk.failAt(ENOSPC, disk.points() + 1, disk.points() + 1);
    expectError(ErrorCode::noSpace, [&] { shelf.upload(10, ByteView(package).subspan(10), true); });
    EXPECT_FALSE(disk.stat(incoming));
    shelf.upload(0, ByteView(package).first(10), false);
    EXPECT_TRUE(disk.stat(incoming));
    const PackageShelf restarted(disk, "/server/updates");
    EXPECT_FALSE(disk.stat(incoming));
}

TEST_F(PackageShelfTest, takesNoSlicesOfAnother) {
    const Bytes package = samplePackage();
    shelf.upload(0, ByteView(package).first(10), false, {"ann"});
    expectError(ErrorCode::conflict,
                [&] { shelf.upload(10, ByteView(package).subspan(10), true, {"bob"}); });
    shelf.upload(10, ByteView(package).subspan(10), true, {"ann"});
    EXPECT_EQ(shelf.list().size(), 1U);
}

TEST_F(PackageShelfTest, asksBeforeItReplaces) {
    const auto never = [](const PackageHead&) { throw Error(ErrorCode::conflict, "in use"); };
    shelf.upload(0, samplePackage(), true, {"ann", never});
    expectError(ErrorCode::conflict, [&] {
        shelf.upload(0, samplePackage(), true, {"ann", never});
    });
    EXPECT_EQ(shelf.list().size(), 1U);
}

TEST_F(PackageShelfTest, isBounded) {
    expectError(ErrorCode::invalidArgument,
                [&] { shelf.upload(0, Bytes(PackageShelf::longestSlice + 1), false); });
    expectError(ErrorCode::invalidArgument,
                [&] { shelf.read(version, ownPlatform(), 0, PackageShelf::longestSlice + 1); });
    for (std::size_t each = 0; each < PackageShelf::mostPackages; ++each) {
        upload(samplePackage(("1.0." + std::to_string(each)).c_str()));
    }
    expectError(ErrorCode::limitExceeded, [&] { upload(samplePackage("2.0.0")); });
    upload(samplePackage("1.0.0"));
    shelf.remove(Version::parse("1.0.0"));
    upload(samplePackage("2.0.0"));
}

TEST_F(PackageShelfTest, knowsNoPathsOfStrangers) {
    upload(samplePackage());
    for (const char* platform : {"", "../..", "a/b"}) {
        expectError(ErrorCode::invalidArgument, [&] { shelf.read(version, platform, 0, 1); });
    }
    expectError(ErrorCode::notFound, [&] { shelf.head(version, "plan9-mips"); });
    expectError(ErrorCode::notFound, [&] { shelf.remove(Version::parse("9.9.9")); });
}

}  // namespace
}  // namespace coffer
