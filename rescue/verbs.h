#pragma once

#include <ostream>
#include <string>

#include "rescue/opened_repository.h"
#include "rescue/problem_report.h"

namespace coffer::rescue {

/// A snapshot and a path in it, as a user names them: "latest", "1f0c:/home/ann".
struct Selection {
    std::string snapshot;
    std::string path;  // empty: all of it

    static Selection parse(const std::string& text);
};

// What the program can do. Problems that leave something to go on with are reported, others are
// thrown. Nothing is ever written into the repository.

/// Prints a line for each snapshot that is not hidden, the newest last.
void listSnapshots(const OpenedRepository& repository, std::ostream& out, ProblemReport& report);

/// Prints a line for each entry of a folder, or for the entry itself when it is no folder.
void listFolder(const OpenedRepository& repository, const Selection& selection, std::ostream& out,
                ProblemReport& report);

/// Restores into the folder `to`, which must be empty or not exist.
void restore(const OpenedRepository& repository, const Selection& selection, const std::string& to,
             ProblemReport& report);

/// Checks all of the repository and prints a summary.
void check(const OpenedRepository& repository, std::ostream& out, ProblemReport& report);

}  // namespace coffer::rescue
