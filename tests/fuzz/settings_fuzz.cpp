#include <filesystem>
#include <fstream>

#include "core/base/digest.h"
#include "core/base/random.h"
#include "core/service/settings_file.h"
#include "tests/fuzz/fuzz_target.h"

using namespace coffer;

// An ini file as an agent or a server reads it.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::vector<SettingRule> rules{{"agent.server", "", "where"},
                                                {"agent.threads", "2", "how many"},
                                                {"allow.backup", "yes", "whether"},
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
    mayRefuse([&] { SettingsFile::edited(text, "agent.server", "host:2424"); });
    return 0;
}
