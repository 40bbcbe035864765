// coffer-workstation-agent: shows this computer's files to its server, and backs up and restores.

#include "workstation_agent/verbs.h"

int main(int count, char** words) {
    return coffer::agent::runProgram({words + 1, words + count});
}
