#pragma once

#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace coffer {

/// JSON whose fields stay in the order in which they were put.
using Json = nlohmann::ordered_json;

/// Puts octets into `object[key]`: as they are when they are UTF-8; else printable, and in hex
/// under key + "Hex".
void putOctets(Json& object, const std::string& key, std::string_view octets);

/// The same for a list: an array of texts, and one of hex when any of them is not UTF-8.
void putOctets(Json& object, const std::string& key, const std::vector<std::string>& list);

Json jsonOf(const Error& error);

/// One document on one line.
void printJson(std::ostream& out, const Json& document);

/// A document that is an array, an element a line, written as its elements come. Used by one
/// thread.
class JsonArray {
  public:
    explicit JsonArray(std::ostream& out) : out_(out) {}
    void add(const Json& element);
    void finish();

  private:
    std::ostream& out_;
    bool empty_ = true;
};

}  // namespace coffer
