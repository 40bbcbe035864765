#pragma once

#include <string>

namespace coffer {

/// Where the request comes from that this thread serves: by CORBA, or as CallerScope says. Empty
/// for what the server does by itself.
std::string callerAddress();

/// As long as it lives this thread serves a caller who came in another way than by CORBA.
class CallerScope {
  public:
    explicit CallerScope(std::string address);
    ~CallerScope();
    CallerScope(const CallerScope&) = delete;
    CallerScope& operator=(const CallerScope&) = delete;
};

}  // namespace coffer
