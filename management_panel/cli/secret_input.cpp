#include "management_panel/cli/secret_input.h"

#include <iostream>

#include "core/base/error.h"
#include "core/console/terminal.h"
#include "core/trust/private_file.h"

namespace coffer::cli {

namespace {

std::string readInput(std::size_t mostMiB) {
    std::string text((mostMiB << 20) + 1, '\0');
    std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::cin.gcount()));
    if (std::cin.bad()) throw Error(ErrorCode::ioError, "standard input cannot be read");
    if (text.size() > mostMiB << 20) {
        throw Error(ErrorCode::limitExceeded,
                    "standard input is longer than " + std::to_string(mostMiB) + " MiB");
    }
    return text;
}

}  // namespace

std::string readText(const std::string& file, std::size_t mostMiB) {
    return file == "-" ? readInput(mostMiB) : readTextFile(file, mostMiB);
}

SecretInput::SecretInput(const std::string& file, const CancelToken& cancel)
    : asks_(file.empty()), cancel_(cancel), lines_(asks_ ? "" : readText(file)) {}

std::string SecretInput::next(const std::string& question) {
    if (asks_) {
        if (!inputIsTerminal()) {
            throw Error(ErrorCode::invalidArgument,
                        "there is no terminal to ask for the password on: use --password-file");
        }
        return readSecret(question, cancel_);
    }
    const std::size_t end = std::min(lines_.find('\n'), lines_.size());
    std::string line = lines_.substr(0, end);
    lines_.erase(0, end + 1);
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty()) throw Error(ErrorCode::invalidArgument, "a password is missing in the file");
    return line;
}

}  // namespace coffer::cli
