#include "core/console/json.h"

#include <algorithm>

#include "core/base/bytes.h"
#include "core/base/printable.h"

namespace coffer {

namespace {

bool isUtf8(std::string_view octets) {
    try {
        static_cast<void>(Json(octets).dump());
        return true;
    } catch (const Json::type_error&) {
        return false;
    }
}

}  // namespace

void putOctets(Json& object, const std::string& key, std::string_view octets) {
    if (isUtf8(octets)) {
        object[key] = octets;
        return;
    }
    object[key] = printable(octets);
    object[key + "Hex"] = toHex(bytesOf(octets));
}

void putOctets(Json& object, const std::string& key, const std::vector<std::string>& list) {
    const bool plain = std::ranges::all_of(list, isUtf8);
    Json texts = Json::array();
    Json hex = Json::array();
    for (const std::string& octets : list) {
        texts.push_back(plain ? octets : printable(octets));
        hex.push_back(toHex(bytesOf(octets)));
    }
    object[key] = std::move(texts);
    if (!plain) object[key + "Hex"] = std::move(hex);
}

Json jsonOf(const Error& error) {
    Json object{{"code", nameOf(error.code())}};
    putOctets(object, "message", error.what());
    return object;
}

void printJson(std::ostream& out, const Json& document) {
    out << document.dump() << '\n';
}

void JsonArray::add(const Json& element) {
    out_ << (empty_ ? "[\n" : ",\n") << element.dump();
    empty_ = false;
}

void JsonArray::finish() {
    out_ << (empty_ ? "[]\n" : "\n]\n");
}

}  // namespace coffer
