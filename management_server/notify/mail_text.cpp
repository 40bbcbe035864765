#include "management_server/notify/mail_text.h"

#include <algorithm>
#include <sstream>

#include "core/base/calendar.h"
#include "core/console/format.h"
#include "core/console/table.h"

namespace coffer {

namespace {

constexpr std::size_t longestSubject = 120;
constexpr std::size_t mostSources = 500;  // in a digest; the worst come first
constexpr std::size_t mostFileSystems = 100;

std::string cut(const std::string& text, std::size_t most) {
    if (text.size() <= most) return text;
    std::size_t size = most;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) --size;
    return text.substr(0, size) + "...";
}

std::string lead(const std::string& panelUrl) {
    return panelUrl.empty() ? "" : "\nPanel: " + panelUrl + "/\n";
}

std::string counted(std::size_t count, const char* one) {
    return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

void addSources(std::ostream& out, const StatusReport& report) {
    Table table({{"state"}, {"source"}, {"repository"}, {"last good backup"}, {"proven"}, {"why"}});
    const auto time = [](const std::optional<Timestamp>& when) {
        return when ? timeText(*when) : std::string("never");
    };
    std::size_t left = mostSources;
    for (const SourceStatus& source : report.sources) {
        if (left-- == 0) break;
        const SourceFacts& facts = source.facts;
        table.add({std::string(nameOf(source.verdict.state)) + (source.known ? " (known)" : ""),
                   facts.name.shown(), facts.name.repository.empty() ? "-" : facts.name.repository,
                   time(facts.lastSuccess), time(facts.lastProven),
                   source.known ? source.known->reason : source.verdict.cause});
    }
    table.print(out);
    if (report.sources.size() > mostSources) {
        out << "and " << report.sources.size() - mostSources << " more\n";
    }
}

void addFileSystems(std::ostream& out, const StatusReport& report) {
    if (report.uncovered.empty()) return;
    out << "\nFile systems of which nothing is backed up:\n";
    std::size_t left = mostFileSystems;
    for (const UncoveredFileSystem& each : report.uncovered) {
        if (left-- == 0) break;
        out << "  " << each.agent << ":" << each.what.mountPoint << " (" << each.what.type << ", "
            << sizeText(each.what.bytes) << ")\n";
    }
    if (report.uncovered.size() > mostFileSystems) {
        out << "  and " << report.uncovered.size() - mostFileSystems << " more\n";
    }
}

}  // namespace

MailText mailAbout(std::span<const Notification> news, const std::string& panelUrl) {
    const auto worst = std::ranges::max_element(news, {}, &Notification::severity);
    MailText mail;
    mail.subject = "Coffer: " + cut(worst->event.text, longestSubject);
    if (news.size() > 1) mail.subject += " and " + std::to_string(news.size() - 1) + " more";
    std::ostringstream body;
    for (const Notification& each : news) {
        body << timeText(each.event.time) << "  " << nameOf(each.severity) << "\n"
             << each.event.text << "\n";
        const std::string_view action = each.event.value("action");
        if (!action.empty()) body << "What to do: " << action << "\n";
        body << "\n";
    }
    body << "Event " << worst->event.number << ". All events: 'coffer events'.\n" << lead(panelUrl);
    mail.body = body.str();
    return mail;
}

MailText digestOf(const StatusReport& report, const std::string& panelUrl) {
    const ComponentStatus whole = report.components.whole();
    MailText mail;
    mail.subject = whole.troubled == 0
                       ? "Coffer: all is protected, " + counted(whole.sources, "source")
                       : "Coffer: " + std::to_string(whole.troubled) + " of " +
                             counted(whole.sources, "source") + " not protected";
    std::ostringstream body;
    body << "As of " << timeText(report.time) << "\n\n";
    if (report.sources.empty()) {
        body << "No agents yet.\n";
    } else {
        addSources(body, report);
    }
    addFileSystems(body, report);
    body << lead(panelUrl);
    mail.body = body.str();
    return mail;
}

std::int64_t digestDay(Timestamp now, std::int64_t offset, int minute) {
    constexpr std::int64_t day = 86'400;
    return floorDivide(now.seconds + offset - std::int64_t{minute} * 60, day);
}

}  // namespace coffer
