// coffer-store: the repositories of a Coffer server, in a process and under a user of their own.

#include "store_server/program.h"

int main(int count, char** words) {
    return coffer::store::runProgram({words + 1, words + count});
}
