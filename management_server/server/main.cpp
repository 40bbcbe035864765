// coffer-server: the management server of a Coffer network.

#include "management_server/server/verbs.h"

int main(int count, char** words) {
    return coffer::server::runProgram({words + 1, words + count});
}
