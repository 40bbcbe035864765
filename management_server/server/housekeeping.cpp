#include "management_server/server/housekeeping.h"

#include <exception>

#include "core/service/log.h"

namespace coffer {

void Housekeeping::start() {
    thread_.start([this] {
        const auto asked = [](const Stop& stop) { return stop.asked; };
        while (!stop_.whenOrAt(std::chrono::steady_clock::now() + round_, asked, asked)) round();
    });
}

void Housekeeping::stop() {
    stop_.change([](Stop& stop) { stop.asked = true; });
    thread_.join();
}

void Housekeeping::round() {
    ++rounds_;
    for (const Chore& chore : chores_) {
        if (rounds_ % chore.every != 0) continue;
        try {
            chore.work();
        } catch (const std::exception& error) {
            log(LogLevel::error, "chore.failed",
                {{"chore", chore.name}, {"message", error.what()}});
        }
    }
}

}  // namespace coffer
