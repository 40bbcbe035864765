// Small languages in settings, options and tokens.
#include "core/base/command_words.h"
#include "core/base/octet_count.h"
#include "core/snapshot/retention_rules.h"
#include "core/storage/bandwidth_schedule.h"
#include "core/trust/pinned_authority.h"
#include "tests/fuzz/fuzz_target.h"

using namespace coffer;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string text(textOf({data + 1, size - 1}));
    mayRefuse([&] {
        switch (data[0] % 6) {
            case 0: {
                const auto schedule = BandwidthSchedule::parse(text);
                for (unsigned minute = 0; minute < BandwidthSchedule::minutesOfDay; minute += 60) {
                    schedule.rateAt(minute);
                }
                break;
            }
            case 1: {
                const Endpoint endpoint = Endpoint::parse(text);
                const Endpoint again = Endpoint::parse(endpoint.text());
                require(again.host == endpoint.host && again.port == endpoint.port,
                        "comes back the same");
                break;
            }
            case 2: {
                const std::int64_t seconds = parseDuration(text);
                require(parseDuration(durationName(seconds)) == seconds, "comes back the same");
                break;
            }
            case 3: {
                const std::vector<std::string> words = commandWords(text);
                std::string again;
                for (const std::string& word : words) {
                    again += "\"";
                    for (const char c : word) again += {'\\', c};
                    again += "\" ";
                }
                require(again.size() > 4'096 || commandWords(again) == words,
                        "comes back the same");
                break;
            }
            case 4:
                require(octetCount(text) <= 1'000'000'000'000'000, "is bounded");
                break;
            default: {
                const std::size_t equals = std::min(text.find('='), text.size());
                RetentionRules rules;
                setRetentionRule(rules, text.substr(0, equals),
                                 text.substr(std::min(equals + 1, text.size())));
                RetentionRules again;
                for (const auto& [name, value] : retentionSettings(rules)) {
                    setRetentionRule(again, name, value);
                }
                require(again == rules, "comes back the same");
            }
        }
    });
    return 0;
}
