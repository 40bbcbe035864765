#include <filesystem>
#include <fstream>

#include "core/base/digest.h"
#include "core/base/random.h"
#include "core/service/settings_file.h"
#include "tests/fuzz/fuzz_target.h"

using namespace coffer;

// An ini file as an agent or a server reads it, and the text of one as it comes over the network.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::vector<SettingRule> rules{
        {"agent.server", "", "where"},
        {"agent.threads", "2", "how many", numberForm(1, 64)},
        {"allow.backup", "yes", "whether", {SettingType::truth}},
        {"allow.folders", "/home,/etc", "which"}};
    static const std::string path =
        std::filesystem::temp_directory_path() / ("settings-fuzz-" + randomId<Digest>().hex());
    const std::string text(textOf({data, size}));
    std::ofstream(path, std::ios::binary) << text;
    mayRefuse([&] {
        const SettingsFile settings(path, rules);
        settings.text("agent.server");
        settings.list("allow.folders");
        mayRefuse([&] { settings.number("agent.threads", 1, 64); });
        mayRefuse([&] { settings.truth("allow.backup"); });
    });
    mayRefuse([&] {
        for (const auto& [name, value] : SettingsFile::valuesIn(text, rules)) {
            mayRefuse(
                [&, &name = name, &value = value] { checkSetting(*findRule(rules, name), value); });
        }
    });
    mayRefuse([&] { SettingsFile::edited(text, "agent.server", "host:2424"); });
    return 0;
}
