#include "management_server/database/columns.h"

#include <gtest/gtest.h>

#include "core/base/digest.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

struct Columns : testing::Test {
    ScratchFolder folder;
    SqlDatabase database{folder / "values.db", false};

    // What comes back of a value that was bound to the one parameter.
    template <class Bind, class Read>
    auto through(Bind&& bind, Read&& read) {
        SqlStatement statement = database.prepare("SELECT ?");
        bind(statement);
        EXPECT_TRUE(statement.step());
        return read(statement);
    }

    std::string textThrough(std::string_view text) {
        return through([&](SqlStatement& s) { bindText(s, 1, text); },
                       [](SqlStatement& s) { return textAt(s, 0); });
    }

    std::optional<Timestamp> timeThrough(const std::optional<Timestamp>& time) {
        return through([&](SqlStatement& s) { s.bind(1, toColumn(time)); },
                       [](SqlStatement& s) { return timeAt(s, 0); });
    }
};

TEST_F(Columns, TextsComeBackAsTheyAre) {
    for (const std::string& text : {std::string("plain"), std::string("a\0b", 3),
                                    std::string("\xff\xfe"), std::string("Zürich")}) {
        EXPECT_EQ(textThrough(text), text);
    }
}

TEST_F(Columns, AnEmptyTextIsNotNull) {
    const bool isBlob = through([](SqlStatement& s) { bindText(s, 1, std::string_view()); },
                                [&](SqlStatement&) {
                                    SqlStatement check = database.prepare("SELECT ? IS NOT NULL");
                                    bindText(check, 1, std::string_view());
                                    return check.step() && check.integer(0) == 1;
                                });
    EXPECT_TRUE(isBlob);
    EXPECT_EQ(textThrough(""), "");
}

TEST_F(Columns, TimesComeBackToTheNanosecond) {
    for (const Timestamp time : {Timestamp{1'700'000'000, 123'456'789}, Timestamp{-5, 999'999'999},
                                 Timestamp{9'000'000'000, 0}}) {
        EXPECT_EQ(timeThrough(time), time);
    }
}

TEST_F(Columns, NoTimeIsNoTime) {
    EXPECT_EQ(toColumn(std::optional<Timestamp>()), 0);
    EXPECT_EQ(timeThrough({}), std::nullopt);
}

TEST_F(Columns, RefusesTimesBeyondTheirRange) {
    expectError(ErrorCode::limitExceeded, [] { toColumn(Timestamp{10'000'000'000, 0}); });
    expectError(ErrorCode::limitExceeded, [] { toColumn(Timestamp{-10'000'000'000, 0}); });
}

TEST_F(Columns, ListsAndMapsComeBack) {
    const std::vector<std::string> texts{"/home", "", std::string("a\0b", 3)};
    EXPECT_EQ(decodeTexts(encodeTexts(texts)), texts);
    EXPECT_EQ(decodeTexts(encodeTexts({})), std::vector<std::string>());
    const std::map<std::string, std::string> map{{"files", "3"}, {"", ""}};
    EXPECT_EQ(decodeMap(encodeMap(map)), map);
    EXPECT_FALSE(encodeMap({}).empty());
}

TEST_F(Columns, RefusesDamagedLists) {
    const Bytes texts = encodeTexts({"one", "two"});
    const Bytes map = encodeMap({{"one", "two"}});
    for (std::size_t size = 0; size < texts.size(); ++size) {
        expectError(
            ErrorCode::corrupt, [&] { decodeTexts(ByteView(texts).first(size)); }, "server.db");
    }
    for (std::size_t size = 0; size < map.size(); ++size) {
        expectError(
            ErrorCode::corrupt, [&] { decodeMap(ByteView(map).first(size)); }, "server.db");
    }
    // A count that lies.
    expectError(ErrorCode::corrupt, [] { decodeTexts(Bytes{0xff, 0xff, 0xff, 0xff, 0x0f}); });
}

TEST_F(Columns, RefusesIdsOfAnotherLength) {
    using TestId = Id<16, struct TestIdTag>;
    const Bytes octets(15);
    expectError(ErrorCode::corrupt, [&] {
        through([&](SqlStatement& s) { s.bind(1, octets); },
                [](SqlStatement& s) { return idAt<TestId>(s, 0); });
    });
}

}  // namespace
}  // namespace coffer
