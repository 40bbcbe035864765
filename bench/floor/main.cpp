// coffer-floor TREE PACK TARGET [LEVEL]: the CPU seconds that the stages of a backup, a
// verification and a restore take, each alone on one core, with the functions that Coffer is made
// of and nothing between them. PACK is made, TARGET an empty folder.

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>

#include "bench/floor/stages.h"

namespace coffer {

std::clock_t& Stages::secondsOf(const char* stage) {
    for (Stage& each : stages_) {
        if (std::string_view(each.name) == stage) return each.ticks;
    }
    stages_.reserve(32);  // they stay where they are
    return stages_.emplace_back(Stage{stage}).ticks;
}

double Stages::total() const {
    std::clock_t ticks = 0;
    for (const Stage& each : stages_) ticks += each.ticks;
    return static_cast<double>(ticks) / CLOCKS_PER_SEC;
}

std::string Stages::json() const {
    std::string text = "{";
    for (const Stage& each : stages_) {
        char number[32];
        std::snprintf(number, sizeof number, "%.3f",
                      static_cast<double>(each.ticks) / CLOCKS_PER_SEC);
        text += (text.size() > 1 ? ", \"" : "\"") + std::string(each.name) + "\": " + number;
    }
    return text + "}";
}

}  // namespace coffer

using namespace coffer;

int main(int count, char** words) {
    if (count < 4) {
        std::cerr << "usage: coffer-floor TREE PACK TARGET [LEVEL]\n";
        return 2;
    }
    const int level = count > 4 ? std::atoi(words[4]) : 2;
    try {
        Stages backup;
        Stages verify;
        Stages restore;
        const auto blocks = backupFloor(words[1], words[2], level, backup);
        verifyFloor(words[2], blocks, verify);
        restoreFloor(words[1], words[3], restore);
        std::size_t stored = 0;
        for (const FloorBlock& block : blocks) stored += block.sealedLength;
        std::cout << "{\"first\": " << backup.json() << ", \"verify\": " << verify.json()
                  << ", \"restore\": " << restore.json() << ", \"stored\": " << stored << "}\n";
    } catch (const std::exception& error) {
        std::cerr << "coffer-floor: " << error.what() << '\n';
        return 1;
    }
}
