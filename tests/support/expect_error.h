#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "core/base/error.h"

namespace coffer {

/// The Error that leaves `work`, or nothing when it returns.
template <class Work>
std::optional<Error> errorOf(Work&& work) {
    try {
        work();
    } catch (const Error& error) {
        return error;
    }
    return std::nullopt;
}

/// Fails the test unless an Error of this code leaves `work` whose trail contains `text`.
template <class Work>
void expectError(ErrorCode code, Work&& work, const std::string& text = "") {
    const std::optional<Error> error = errorOf(work);
    if (!error) {
        ADD_FAILURE() << "no error, expected " << nameOf(code);
        return;
    }
    EXPECT_EQ(nameOf(error->code()), nameOf(code)) << error->what();
    EXPECT_NE(std::string(error->what()).find(text), std::string::npos) << error->what();
}

}  // namespace coffer
