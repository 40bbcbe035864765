#include "core/service/log.h"

#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>
#include <Poco/ConsoleChannel.h>
#include <Poco/Exception.h>
#include <Poco/FileChannel.h>
#include <Poco/Message.h>

#include <array>
#include <iostream>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/guarded.h"

namespace coffer {

namespace {

using ChannelPtr = Poco::AutoPtr<Poco::Channel>;

constexpr std::array levels = {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error};

struct Output {
    LogSettings settings;
    ChannelPtr channel{new Poco::ConsoleChannel(std::cerr)};
};

Guarded<Output>& output() {
    static Guarded<Output> instance;
    return instance;
}

ChannelPtr openFile(const LogSettings& settings) {
    Poco::AutoPtr<Poco::FileChannel> channel(new Poco::FileChannel(settings.file));
    channel->setProperty(Poco::FileChannel::PROP_ROTATION, std::to_string(settings.rotateBytes));
    channel->setProperty(Poco::FileChannel::PROP_ARCHIVE, "number");
    channel->setProperty(Poco::FileChannel::PROP_PURGECOUNT, std::to_string(settings.keep));
    channel->open();
    return channel;
}

// "2026-11-21T20:15:03.123Z"
std::string timeText(Timestamp time) {
    std::string text = toIso8601(time);
    const std::string thousandths = std::to_string(1000 + time.nanoseconds / 1'000'000);
    text.insert(text.size() - 1, "." + thousandths.substr(1));
    return text;
}

}  // namespace

std::string_view nameOf(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return "debug";
        case LogLevel::info:
            return "info";
        case LogLevel::warning:
            return "warning";
        case LogLevel::error:
            return "error";
    }
    return "error";
}

LogLevel logLevelOf(std::string_view name) {
    for (const LogLevel level : levels) {
        if (nameOf(level) == name) return level;
    }
    throw Error(ErrorCode::invalidArgument, "a log level is debug, info, warning or error");
}

void openLog(const LogSettings& settings) {
    ChannelPtr channel;
    try {
        channel = settings.file.empty() ? ChannelPtr(new Poco::ConsoleChannel(std::cerr))
                                        : openFile(settings);
    } catch (const Poco::Exception& error) {
        throw Error(ErrorCode::ioError, "log file " + settings.file + ": " + error.displayText());
    }
    output().with([&](Output& out) {
        out.settings = settings;
        out.channel = channel;
    });
}

void reopenLog() {
    try {
        openLog(output().with([](const Output& out) { return out.settings; }));
    } catch (const Error& error) {
        log(LogLevel::error, "log.not-reopened", {{"message", error.what()}});
    }
}

void setLogLevel(LogLevel level) {
    output().with([&](Output& out) { out.settings.level = level; });
}

void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
    try {
        ChannelPtr channel = output().with([&](const Output& out) {
            return level < out.settings.level ? ChannelPtr() : out.channel;
        });
        if (!channel) return;
        const std::string time = timeText(SystemClock().now());
        channel->log(Poco::Message("coffer", logLine(time, level, event, fields),
                                   Poco::Message::PRIO_INFORMATION));
    } catch (...) {
        // A full disk must not end what was to be logged.
    }
}

}  // namespace coffer
