#include "management_server/events/event_recorder.h"

#include <algorithm>

#include "core/base/printable.h"
#include "core/service/log.h"
#include "management_server/database/columns.h"
#include "management_server/events/event_leases.h"

namespace coffer {

namespace {

constexpr std::int64_t kept = 100'000;
constexpr std::int64_t keptForLeases = 300'000;
constexpr std::int64_t pruneEvery = 100;
constexpr std::size_t longestText = 2'000;
constexpr std::size_t mostValues = 32;
constexpr std::uint32_t longestPage = 1'000;
constexpr std::size_t pageBytes = 4 << 20;
constexpr unsigned mostWaiting = 100;
constexpr std::uint32_t comeBackMs = 1'000;

// An escape or a character that is cut in two at the end does no harm: what shows it makes it
// printable again.
std::string shown(std::string_view text) {
    std::string safe = printable(text.substr(0, longestText));
    if (safe.size() > longestText) safe.resize(longestText);
    return safe;
}

std::map<std::string, std::string> shown(const std::map<std::string, std::string>& more) {
    std::map<std::string, std::string> safe;
    for (const auto& [name, value] : more) {
        if (safe.size() == mostValues) break;
        safe.emplace(shown(name), shown(value));
    }
    return safe;
}

std::int64_t insert(SqlDatabase& database, const RecordedEvent& event) {
    SqlStatement statement = database.prepare(
        "INSERT INTO events(time, kind, subject, text, more) VALUES(?, ?, ?, ?, ?)"
        " RETURNING number");
    statement.bind(1, toColumn(event.time));
    bindText(statement, 2, event.kind);
    bindText(statement, 3, event.subject);
    bindText(statement, 4, event.text);
    statement.bind(5, encodeMap(event.more));
    statement.step();
    const std::int64_t number = statement.integer(0);
    // Only a statement that has been run to its end counts.
    statement.step();
    return number;
}

// What clients still want to read is kept longer, but not for ever.
void prune(SqlDatabase& database, std::int64_t newest, Timestamp now) {
    std::int64_t last = newest - kept;
    if (const auto leased = EventLeases::lowest(database, now)) {
        last = std::min(last, static_cast<std::int64_t>(*leased));
    }
    SqlStatement statement = database.prepare("DELETE FROM events WHERE number<=?");
    statement.bind(1, std::max(last, newest - keptForLeases)).run();
}

std::uint64_t oldestIn(SqlDatabase& database) {
    SqlStatement row = database.prepare("SELECT min(number) FROM events");
    const auto number = static_cast<std::uint64_t>(row.step() ? row.integer(0) : 0);
    return number > 0 ? number : 1;
}

RecordedEvent eventAt(SqlStatement& row) {
    RecordedEvent event;
    event.number = static_cast<std::uint64_t>(row.integer(0));
    event.time = timeAt(row, 1).value_or(Timestamp{});
    event.kind = textAt(row, 2);
    event.subject = textAt(row, 3);
    event.text = textAt(row, 4);
    event.more = decodeMap(row.blob(5));
    return event;
}

std::size_t sizeOf(const RecordedEvent& event) {
    std::size_t size = event.kind.size() + event.subject.size() + event.text.size();
    for (const auto& [name, value] : event.more) size += name.size() + value.size();
    return size;
}

void checkPage(std::uint32_t atMost) {
    if (atMost == 0 || atMost > longestPage) {
        throw Error(ErrorCode::invalidArgument,
                    "between 1 and " + std::to_string(longestPage) + " events at a time");
    }
}

/// Counted among those who wait, as long as it lives.
template <class State>
class Place {
  public:
    explicit Place(Guarded<State>& state) : state_(state) {
        state_.with([](State& s) {
            if (s.waiting == mostWaiting) {
                throw Error(ErrorCode::limitExceeded, "too many wait for events already")
                    .withRetryAfter(comeBackMs);
            }
            ++s.waiting;
        });
    }
    ~Place() {
        state_.with([](State& s) { --s.waiting; });
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

  private:
    Guarded<State>& state_;
};

}  // namespace

EventRecorder::EventRecorder(ServerDatabase& database, const Clock& clock)
    : database_(database), clock_(clock) {
    state_.with([&](State& state) {
        state.newest = database_.read([](SqlDatabase& db) {
            SqlStatement row = db.prepare("SELECT max(number) FROM events");
            return static_cast<std::uint64_t>(row.step() ? row.integer(0) : 0);
        });
        state.oldest = database_.read([](SqlDatabase& db) { return oldestIn(db); });
    });
}

void EventRecorder::add(std::string_view kind, std::string_view subject, std::string_view text,
                        const std::map<std::string, std::string>& more) noexcept {
    try {
        const RecordedEvent event{.time = clock_.now(),
                                  .kind = shown(kind),
                                  .subject = shown(subject),
                                  .text = shown(text),
                                  .more = shown(more)};
        std::uint64_t oldest = 0;
        const std::int64_t number = database_.change([&](SqlDatabase& database) {
            const std::int64_t entered = insert(database, event);
            if (entered % pruneEvery == 0) {
                prune(database, entered, event.time);
                oldest = oldestIn(database);
            }
            return entered;
        });
        state_.change([&](State& state) {
            state.newest = std::max(state.newest, static_cast<std::uint64_t>(number));
            state.oldest = std::max(state.oldest, oldest);
        });
    } catch (const std::exception& error) {
        log(LogLevel::error, "event.not-recorded",
            {{"kind", std::string(kind.substr(0, longestText))}, {"error", error.what()}});
    }
}

std::vector<RecordedEvent> EventRecorder::since(std::uint64_t after, std::uint32_t atMost) const {
    checkPage(atMost);
    std::vector<RecordedEvent> events;
    if (after >= newest()) return events;
    database_.read([&](SqlDatabase& database) {
        SqlStatement row = database.prepare(
            "SELECT number, time, kind, subject, text, more FROM events WHERE number>?"
            " ORDER BY number LIMIT ?");
        row.bind(1, static_cast<std::int64_t>(after)).bind(2, atMost);
        // A page has to fit into a message of the ORB.
        std::size_t size = 0;
        while (size < pageBytes && row.step()) {
            events.push_back(eventAt(row));
            size += sizeOf(events.back());
        }
    });
    return events;
}

std::vector<RecordedEvent> EventRecorder::waitSince(std::uint64_t after, std::uint32_t atMost,
                                                    std::chrono::steady_clock::time_point end) {
    checkPage(atMost);
    {
        const Place place(state_);
        state_.whenOrAt(
            end, [&](const State& state) { return state.stopped || state.newest > after; },
            [](const State&) {});
    }
    return since(after, atMost);
}

std::uint64_t EventRecorder::oldest() const {
    return state_.with([](const State& state) { return state.oldest; });
}

std::uint64_t EventRecorder::newest() const {
    return state_.with([](const State& state) { return state.newest; });
}

void EventRecorder::stop() {
    state_.change([](State& state) { state.stopped = true; });
}

}  // namespace coffer
