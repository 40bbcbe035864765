#include "core/pipeline/copy_map.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/memory_folder.h"

namespace coffer {
namespace {

const RepositoryId from{{1}};
const RepositoryId to{{2}};
const SnapshotId first{{3}};
const SnapshotId second{{4}};

Digest key(std::uint8_t number) {
    return sha256(Bytes{number});
}

struct CopyMapTest : testing::Test {
    MemoryFolder folder;
    const std::string file = folder / "map.db";
};

TEST_F(CopyMapTest, RemembersWhatWasPutLast) {
    {
        CopyMap map(file, from, to);
        EXPECT_FALSE(map.find(key(1)));
        map.put(key(1), bytesOf("one"), first);
        map.put(key(2), bytesOf("two"), first);
        map.put(key(1), bytesOf("uno"), second);
        EXPECT_EQ(textOf(map.find(key(1))->value), "uno");
        map.flush();
        map.put(key(3), bytesOf("lost"), second);  // never flushed
    }
    CopyMap map(file, from, to);
    EXPECT_EQ(textOf(map.find(key(1))->value), "uno");
    EXPECT_EQ(map.find(key(1))->copy, second);
    EXPECT_EQ(map.find(key(2))->copy, first);
    EXPECT_FALSE(map.find(key(3)));
}

TEST_F(CopyMapTest, WhatIsUsedAgainKeepsWhatItWasAPartOf) {
    CopyMap map(file, from, to);
    map.put(key(1), bytesOf("one"), first);
    EXPECT_EQ(map.find(key(1))->next, first);
    map.use(key(1), first, second);
    EXPECT_EQ(map.find(key(1))->copy, first);
    EXPECT_EQ(map.find(key(1))->next, second);
    EXPECT_EQ(textOf(map.find(key(1))->value), "one");
    map.use(key(2), first, second);
    EXPECT_FALSE(map.find(key(2)));
}

TEST_F(CopyMapTest, RemembersWhatWasCopied) {
    {
        CopyMap map(file, from, to);
        map.noteCopied(first);
        map.noteCopied(first);
    }
    CopyMap map(file, from, to);
    EXPECT_TRUE(map.wasCopied(first));
    EXPECT_FALSE(map.wasCopied(second));
}

TEST_F(CopyMapTest, OneForOtherRepositoriesIsMadeAnew) {
    {
        CopyMap map(file, from, to);
        map.put(key(1), bytesOf("one"), first);
        map.noteCopied(first);
    }
    CopyMap map(file, to, from);
    EXPECT_FALSE(map.find(key(1)));
    EXPECT_FALSE(map.wasCopied(first));
}

TEST_F(CopyMapTest, ADamagedOneIsMadeAnew) {
    std::ofstream(file) << std::string(5'000, 'x');
    CopyMap map(file, from, to);
    EXPECT_FALSE(map.find(key(1)));
    map.put(key(1), bytesOf("one"), first);
    EXPECT_TRUE(map.find(key(1)));
}

}  // namespace
}  // namespace coffer
