#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/repository/recovery_kit.h"

namespace coffer::solo {

/// A group of the kit's key and where in the kit's text it stands.
struct KitQuestion {
    unsigned group = 0;     // as RecoveryKit::group counts
    unsigned line = 0;      // the number behind K
    unsigned position = 0;  // in that line, from 1
};

KitQuestion questionAbout(unsigned group);

/// Whether `answer` is the group asked for; forgives case, spaces and the look-alikes O/0, I/L/1.
bool answers(const RecoveryKit& kit, const KitQuestion& question, const std::string& answer);

/// Has the user prove that the kit was kept: two groups drawn by chance, three tries. `ask` shows a
/// question and gives the answer, or nothing at the end of the input.
bool proveKept(const RecoveryKit& kit,
               const std::function<std::optional<std::string>(const std::string& question)>& ask);

}  // namespace coffer::solo
