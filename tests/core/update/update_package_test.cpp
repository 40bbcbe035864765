#include "core/update/update_package.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "core/base/wire.h"
#include "core/update/package_maker.h"
#include "tests/core/update/update_samples.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

TEST(UpdateManifest, comesBack) {
    const UpdateManifest manifest = sampleManifest();
    EXPECT_EQ(UpdateManifest::decode(manifest.encode()), manifest);
}

TEST(UpdateManifest, refusesWhatIsCutOrFollowedBySomething) {
    const Bytes octets = sampleManifest().encode();
    for (std::size_t size = 0; size < octets.size(); ++size) {
        expectError(ErrorCode::corrupt,
                    [&] { UpdateManifest::decode(ByteView(octets).first(size)); });
    }
    Bytes longer = octets;
    longer.push_back(0);
    expectError(ErrorCode::corrupt, [&] { UpdateManifest::decode(longer); });
}

// What a manifest must never say, whoever signed it.
TEST(UpdateManifest, refusesNamesThatLeadElsewhere) {
    for (const char* name : {"", ".", "..", "../x", "a/b", ".hidden", "a b", "\xff"}) {
        UpdateManifest manifest = sampleManifest();
        manifest.files.insert(manifest.files.begin(), sampleFile(name, "x"));
        expectError(ErrorCode::corrupt, [&] { manifest.check(); });
    }
}

TEST(UpdateManifest, refusesAFileInThePlaceOfTheHead) {
    UpdateManifest manifest = sampleManifest();
    manifest.files.push_back(sampleFile("head", "x"));
    expectError(ErrorCode::corrupt, [&] { manifest.check(); });
    manifest.files.back().name = "head2";
    manifest.check();
}

TEST(UpdateManifest, refusesFilesThatAreMissingDoubleOrEmpty) {
    UpdateManifest manifest = sampleManifest();
    manifest.files.pop_back();
    expectError(ErrorCode::corrupt, [&] { manifest.check(); });
    manifest = sampleManifest();
    manifest.files.push_back(manifest.files.back());
    expectError(ErrorCode::corrupt, [&] { manifest.check(); });
    manifest = sampleManifest();
    manifest.files[0].size = 0;
    expectError(ErrorCode::corrupt, [&] { manifest.check(); });
}

TEST(UpdateManifest, boundsSizes) {
    UpdateManifest manifest = sampleManifest();
    manifest.files[0].size = UpdateManifest::largestFile + 1;
    expectError(ErrorCode::limitExceeded, [&] { manifest.check(); });
    manifest = sampleManifest();
    for (UpdateManifest::File& file : manifest.files) file.size = UpdateManifest::largestFile;
    manifest.files.push_back(sampleFile("more", "x"));
    expectError(ErrorCode::limitExceeded, [&] { manifest.check(); });
}

TEST(UpdateManifest, refusesACountThatLies) {
    WireWriter writer;
    writer.sized(std::string_view("1.4.0"));
    writer.sized(ownPlatform());
    writer.time({});
    writer.varint(std::uint64_t{1} << 60);
    expectError(ErrorCode::corrupt, [&] { UpdateManifest::decode(writer.bytes()); });
}

TEST(PackageHead, comesBackWithWhatFollows) {
    const Bytes package = samplePackage();
    const PackageHead head = readHead(package);
    EXPECT_EQ(head.manifest, sampleManifest());
    EXPECT_EQ(head.signer, releaseKey().verifyKey());
    EXPECT_EQ(head.packageSize(), package.size());
    requireSigner(head, {releaseKey().verifyKey()});
}

TEST(PackageHead, isRefusedWhenAnyOctetIsAnother) {
    const Bytes head = makeHead(sampleManifest(), releaseKey());
    for (std::size_t at = 0; at < head.size(); ++at) {
        Bytes changed = head;
        changed[at] ^= 1;
        EXPECT_THROW(readHead(changed), Error) << "octet " << at;
    }
}

TEST(PackageHead, ofAnotherKeyIsUntrusted) {
    const PackageHead head = readHead(makeHead(sampleManifest(), SigningKey::random()));
    expectError(ErrorCode::untrusted, [&] { requireSigner(head, {releaseKey().verifyKey()}); });
    expectError(ErrorCode::untrusted, [&] { requireSigner(head, {}); });
}

TEST(PackageHead, ofAKeyThatIsNoneIsRefused) {
    Bytes head = makeHead(sampleManifest(), releaseKey());
    std::fill_n(head.begin() + 9, 32, std::uint8_t{0});  // a point of small order
    expectError(ErrorCode::untrusted, [&] { readHead(head); });
}

TEST(ReleaseKey, isSixtyFourDigits) {
    const VerifyKey key = releaseKey().verifyKey();
    EXPECT_EQ(releaseKeyOf(key.hex()), key);
    expectError(ErrorCode::invalidArgument, [&] { releaseKeyOf(key.hex().substr(1)); });
    expectError(ErrorCode::invalidArgument, [&] { releaseKeyOf(std::string(64, 'x')); });
}

class PackageMaker : public testing::Test {
  protected:
    PackageMaker() {
        putFile(disk, "/in/coffer-worker", bytesOf(workerContent));
        putFile(disk, "/in/coffer-workstation-agent", bytesOf(agentContent));
    }
    PackageHead make() {
        return makePackage(disk, "/in", "/package", Version::parse("1.4.0"), Timestamp{1'000, 5},
                           releaseKey());
    }
    Bytes made() {
        Bytes octets(10'000);
        octets.resize(disk.open("/package")->read(0, octets));
        return octets;
    }
    SimulatedDisk disk;
};

TEST_F(PackageMaker, makesWhatTheDocumentSays) {
    EXPECT_EQ(make().manifest, sampleManifest());
    EXPECT_EQ(made(), samplePackage());
}

TEST_F(PackageMaker, checksEveryOctet) {
    make();
    const Bytes package = made();
    for (std::size_t at = 0; at < package.size(); ++at) {
        Bytes changed = package;
        changed[at] ^= 0x40;
        putFile(disk, "/package", changed);
        EXPECT_THROW(checkPackage(disk, "/package"), Error) << "octet " << at;
    }
    Bytes longer = package;
    longer.push_back(0);
    putFile(disk, "/package", longer);
    expectError(ErrorCode::corrupt, [&] { checkPackage(disk, "/package"); });
    putFile(disk, "/package", ByteView(package).first(package.size() - 1));
    expectError(ErrorCode::corrupt, [&] { checkPackage(disk, "/package"); });
}

TEST_F(PackageMaker, leavesNoHalfPackage) {
    disk.failAt(ENOSPC, disk.points() + 2, disk.points() + 2);  // a write
    expectError(ErrorCode::noSpace, [&] { make(); });
    EXPECT_FALSE(disk.stat("/package"));
    make();
}

TEST_F(PackageMaker, wantsBothPrograms) {
    disk.unlink("/in/coffer-worker");
    expectError(ErrorCode::corrupt, [&] { make(); });
    EXPECT_FALSE(disk.stat("/package"));
}

}  // namespace
}  // namespace coffer
