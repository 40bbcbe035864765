// The texts of schedules and windows.
#include "core/schedule/schedule.h"
#include "core/schedule/window.h"
#include "tests/fuzz/fuzz_target.h"

using namespace coffer;

namespace {

constexpr Timestamp now{1'800'000'000, 0};

void trySchedule(std::string_view text) {
    const Schedule schedule = Schedule::parse(text);
    require(Schedule::parse(schedule.text()).text() == schedule.text(), "comes back the same");
    Timestamp before = now;
    for (const Timestamp time : schedule.preview(now, 3, {})) {
        require(before < time, "goes on");
        before = time;
    }
}

void tryWindow(std::string_view text) {
    const Window window = Window::parse(text);
    require(Window::parse(window.text()).text() == window.text(), "comes back the same");
    const auto opens = window.nextOpening(now, {});
    require(opens && window.isOpen(*opens, {}), "opens");
    const auto closes = window.closesAt(*opens, {});
    require(!closes || !window.isOpen(*closes, {}), "closes");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text = textOf({data + 1, size - 1});
    mayRefuse([&] { data[0] % 2 == 0 ? trySchedule(text) : tryWindow(text); });
    return 0;
}
