#include "core/console/json.h"

#include <gtest/gtest.h>

#include <sstream>

namespace coffer {
namespace {

TEST(PutOctets, keepsUtf8AndGivesOtherNamesInHexToo) {
    Json object = Json::object();
    putOctets(object, "plain", "gr\xC3\xBC\xC3\x9F\n");
    putOctets(object, "octets", "a\xFF");
    EXPECT_EQ(object["plain"], "gr\xC3\xBC\xC3\x9F\n");
    EXPECT_FALSE(object.contains("plainHex"));
    EXPECT_EQ(object["octets"], "a\\xff");
    EXPECT_EQ(object["octetsHex"], "61ff");
    EXPECT_EQ(Json::parse(object.dump()), object);
}

TEST(PutOctets, givesTheWholeListInHexWhenOneNameNeedsIt) {
    Json object = Json::object();
    putOctets(object, "paths", std::vector<std::string>{"/a", "/\xFF"});
    EXPECT_EQ(object["paths"], (Json{"/a", "/\\xff"}));
    EXPECT_EQ(object["pathsHex"], (Json{"2f61", "2fff"}));
}

TEST(JsonArray, isOneDocumentHoweverManyElements) {
    for (int count = 0; count < 3; ++count) {
        std::ostringstream out;
        JsonArray array(out);
        for (int i = 0; i < count; ++i) array.add({{"number", i}});
        array.finish();
        EXPECT_EQ(Json::parse(out.str()).size(), static_cast<std::size_t>(count)) << out.str();
    }
}

}  // namespace
}  // namespace coffer
