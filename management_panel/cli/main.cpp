// coffer: the command line of a Coffer network, for people and their scripts.

#include <memory>

#include "core/console/process.h"
#include "management_panel/cli/program.h"

using namespace coffer;

int main(int count, char** words) {
    prepareProcess();
    CancelToken& cancel = stopOnSignals();
    std::unique_ptr<client::Connection> connection;
    const auto connect = [&]() -> client::Connection& {
        if (!connection) {
            connection = std::make_unique<client::Connection>(client::ClientFolder::ofUser());
        }
        return *connection;
    };
    return cli::runCoffer({words + 1, words + count}, connect, cancel);
}
