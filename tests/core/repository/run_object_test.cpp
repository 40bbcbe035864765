#include "core/repository/run_object.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"
#include "tests/support/test_repository.h"

namespace coffer {
namespace {

class RunObject : public testing::Test {
  protected:
    RunObject() { repository.open(); }

    Bytes seal(std::uint64_t number, ByteView kept) {
        return sealRun(repository->config(), repository->keys().sign, number, kept);
    }
    Bytes open(ByteView object, std::uint64_t number = 7) {
        return openRun(object, repository->config(), repository->keys(), number);
    }

    TestRepository repository;
    const Bytes content = toBytes(bytesOf("a log with /secret/paths in it"));
};

TEST_F(RunObject, ComesBack) {
    EXPECT_EQ(open(seal(7, content)), content);
    EXPECT_EQ(open(seal(7, {})), Bytes());
    const Bytes large(runLimit, 'x');
    EXPECT_EQ(open(seal(7, large)), large);
    EXPECT_EQ(open(seal(7, noise(runLimit, 1))), noise(runLimit, 1));
    expectError(ErrorCode::limitExceeded, [&] { seal(7, Bytes(runLimit + 1)); });
}

TEST_F(RunObject, ShowsNothing) {
    const Bytes object = seal(7, content);
    EXPECT_EQ(textOf(object).find("secret"), std::string_view::npos);
    ServerKeys others = ServerKeys::random();
    expectError(ErrorCode::wrongKey, [&] { openRun(object, repository->config(), others, 7); });
}

TEST_F(RunObject, RefusesEveryFlippedOctetAndTruncation) {
    const Bytes object = seal(7, content);
    for (std::size_t at = 0; at < object.size(); ++at) {
        Bytes bad = object;
        bad[at] ^= 1;
        EXPECT_TRUE(errorOf([&] { open(bad); })) << at;
        EXPECT_TRUE(errorOf([&] { checkRun(bad, repository->config(), 7); })) << at;
        EXPECT_TRUE(errorOf([&] { open(ByteView(object).first(at)); })) << at;
    }
    checkRun(object, repository->config(), 7);
}

TEST_F(RunObject, IsBelievedOnlyInItsPlaceAndWithTheServersSignature) {
    expectError(ErrorCode::untrusted, [&] { open(seal(8, content)); });
    TestRepository other;
    other.open();
    expectError(ErrorCode::untrusted,
                [&] { open(sealRun(other->config(), repository->keys().sign, 7, content)); });
    expectError(ErrorCode::untrusted,
                [&] { open(sealRun(repository->config(), SigningKey::random(), 7, content)); });
}

TEST_F(RunObject, OnlyNumbersAreListed) {
    for (const char* name : {"runs/7", "runs/x", "runs/00000000000000000007"}) {
        repository.store.put(name, Bytes{1});
    }
    repository.store.put(runObjectName(0x1f), seal(0x1f, content));
    repository.store.put(runObjectName(2), seal(2, content));
    EXPECT_EQ(keptRuns(repository.store), (std::vector<std::uint64_t>{2, 0x1f}));
    EXPECT_EQ(readRun(repository.store, repository->config(), repository->keys(), 2), content);
}

}  // namespace
}  // namespace coffer
