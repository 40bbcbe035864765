#include "core/snapshot/backup_counts.h"

namespace coffer {

std::map<std::string, std::string> countsOf(const BackupStatistics& numbers) {
    return {{"files", std::to_string(numbers.files)},
            {"folders", std::to_string(numbers.folders)},
            {"others", std::to_string(numbers.others)},
            {"bytes", std::to_string(numbers.bytes)},
            {"read-bytes", std::to_string(numbers.readBytes)},
            {"new-bytes", std::to_string(numbers.newBytes)},
            {"stored-bytes", std::to_string(numbers.storedBytes)},
            {"changed-files", std::to_string(numbers.changedFiles)},
            {"warnings", std::to_string(numbers.warnings)}};
}

}  // namespace coffer
