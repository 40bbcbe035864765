#include "core/console/format.h"

#include <array>
#include <cstdio>
#include <ctime>

namespace coffer {

namespace {

// Three significant digits at least, never more than two decimals.
std::string threeDigits(double value) {
    char text[32];
    const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    std::snprintf(text, sizeof text, "%.*f", decimals, value);
    return text;
}

}  // namespace

std::string sizeText(std::uint64_t bytes) {
    constexpr std::array<const char*, 6> units{" KiB", " MiB", " GiB", " TiB", " PiB", " EiB"};
    if (bytes < 1024) return std::to_string(bytes) + " B";
    double value = static_cast<double>(bytes) / 1024;
    std::size_t unit = 0;
    while (value >= 1023.5 && unit + 1 < units.size()) {
        value /= 1024;
        ++unit;
    }
    return threeDigits(value) + units[unit];
}

std::string countText(std::uint64_t count) {
    std::string text = std::to_string(count);
    for (std::size_t at = text.size(); at > 3;) {
        at -= 3;
        text.insert(at, 1, ',');
    }
    return text;
}

std::string countText(std::uint64_t count, const std::string& one) {
    return countText(count) + ' ' + one + (count == 1 ? "" : "s");
}

std::string timeText(Timestamp time) {
    const auto seconds = static_cast<std::time_t>(time.seconds);
    std::tm parts{};
    char text[64];
    if (!::localtime_r(&seconds, &parts) ||
        std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %z", &parts) == 0) {
        return toIso8601(time);
    }
    return text;
}

std::string durationText(double seconds) {
    char text[48];
    if (seconds < 60) return threeDigits(seconds) + " s";
    const auto whole = static_cast<long long>(seconds + 0.5);
    if (whole < 3600) {
        std::snprintf(text, sizeof text, "%lld:%02lld min", whole / 60, whole % 60);
    } else {
        std::snprintf(text, sizeof text, "%lld:%02lld:%02lld h", whole / 3600, whole / 60 % 60,
                      whole % 60);
    }
    return text;
}

std::string rateText(std::uint64_t bytes, double seconds) {
    const double rate = seconds > 0 ? static_cast<double>(bytes) / seconds : 0;
    if (rate >= 1e9) return threeDigits(rate / 1e9) + " GB/s";
    if (rate >= 1e6) return threeDigits(rate / 1e6) + " MB/s";
    return threeDigits(rate / 1e3) + " kB/s";
}

std::string modeText(char kind, std::uint32_t mode) {
    std::string text(1, kind);
    for (int shift = 6; shift >= 0; shift -= 3) {
        const std::uint32_t bits = mode >> shift;
        text += (bits & 4U) != 0 ? 'r' : '-';
        text += (bits & 2U) != 0 ? 'w' : '-';
        text += (bits & 1U) != 0 ? 'x' : '-';
    }
    const auto mark = [&](std::uint32_t bit, std::size_t at, char with, char without) {
        if ((mode & bit) != 0) text[at] = text[at] == 'x' ? with : without;
    };
    mark(04000, 3, 's', 'S');
    mark(02000, 6, 's', 'S');
    mark(01000, 9, 't', 'T');
    return text;
}

std::string octalText(std::uint32_t mode) {
    char text[16];
    std::snprintf(text, sizeof text, "%04o", mode);
    return text;
}

}  // namespace coffer
