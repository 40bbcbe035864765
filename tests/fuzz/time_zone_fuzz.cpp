// Files of the time zone database, and what is asked of them.
#include "core/schedule/time_zone.h"
#include "tests/fuzz/fuzz_target.h"

using namespace coffer;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    mayRefuse([&] {
        const TimeZone zone("fuzz", ZoneTable::decode({data, size}));
        constexpr std::int64_t year = 31'556'952;
        for (std::int64_t time = -100 * year; time < 600 * year; time += 5 * year + 12'345) {
            const std::int64_t offset = zone.offsetAt(time);
            require(offset >= -26 * 3600 && offset <= 26 * 3600, "local time is near");
            const std::int64_t back = zone.toUtc(zone.toLocal(time));
            require(back <= time + 2 * 26 * 3600 && back >= time - 2 * 26 * 3600,
                    "comes back near");
        }
    });
    return 0;
}
