#include "core/agent/worker_pipe.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "core/base/error.h"

namespace coffer {

namespace {

using Json = nlohmann::json;

constexpr std::size_t longestOrder = std::size_t{32} << 20;  // 16 MiB of octets in hexadecimal
constexpr std::size_t longestReport = std::size_t{16} << 20;
constexpr int deepest = 4;

[[noreturn]] void refuse(const std::string& why) {
    throw Error(ErrorCode::invalidArgument, "line between agent and worker: " + why);
}

// Depth is bounded while parsing, so that a line of brackets is no tree of millions of levels.
Json parse(std::string_view line, std::size_t longest) {
    if (line.size() > longest) refuse("it is too long");
    const auto watch = [](int depth, Json::parse_event_t, Json&) {
        if (depth > deepest) refuse("it is too deep");
        return true;
    };
    Json object;
    try {
        object = Json::parse(line, watch);
    } catch (const Json::exception&) {
        refuse("it is no JSON");
    }
    if (!object.is_object()) refuse("it is no object");
    return object;
}

// What is missing or of another type is named; what is unknown is passed over.
template <class Value>
Value get(const Json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end()) refuse(std::string("without '") + name + "'");
    try {
        return found->get<Value>();
    } catch (const Json::exception&) {
        refuse(std::string("'") + name + "' is of another kind");
    }
}

// get() would wrap a number that is too large or negative.
template <class Number>
Number getNumber(const Json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end() || !found->is_number_integer()) {
        refuse(std::string("without a number '") + name + "'");
    }
    const bool fits = found->is_number_unsigned()
                          ? std::in_range<Number>(found->get<std::uint64_t>())
                          : std::in_range<Number>(found->get<std::int64_t>());
    if (!fits) refuse(std::string("'") + name + "' is out of range");
    return found->get<Number>();
}

std::string hexOf(std::string_view octets) {
    return toHex(bytesOf(octets));
}

std::string octetsOf(const std::string& hex) {
    return std::string(textOf(fromHex(hex)));
}

Bytes getOctets(const Json& object, const char* name) {
    return fromHex(get<std::string>(object, name));
}

std::string getPath(const Json& object, const char* name) {
    return octetsOf(get<std::string>(object, name));
}

template <class Holder>
Holder getFixed(const Json& object, const char* name) {
    const Bytes octets = getOctets(object, name);
    if (octets.size() != Holder{}.view().size()) {
        refuse(std::string("'") + name + "' is of another length");
    }
    return Holder::from(octets);
}

Json hexList(const std::vector<std::string>& texts) {
    Json list = Json::array();
    for (const std::string& text : texts) list.push_back(hexOf(text));
    return list;
}

std::vector<std::string> getPaths(const Json& object, const char* name) {
    auto texts = get<std::vector<std::string>>(object, name);
    for (std::string& text : texts) text = octetsOf(text);
    return texts;
}

Json hexMap(const std::map<std::string, std::string>& texts) {
    Json map = Json::object();
    for (const auto& [name, text] : texts) map[name] = hexOf(text);
    return map;
}

std::map<std::string, std::string> getHexMap(const Json& object, const char* name) {
    auto texts = get<std::map<std::string, std::string>>(object, name);
    for (auto& [key, text] : texts) text = octetsOf(text);
    return texts;
}

// JSON is UTF-8; what is not becomes U+FFFD.
std::string lineOf(const Json& object) {
    return object.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

void wipeText(Json& object, const char* name) {
    auto& text = object.at(name).get_ref<std::string&>();
    wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
}

RunCounts getCounts(const Json& object) {
    const auto found = object.find("counts");
    if (found == object.end() || !found->is_object()) refuse("without 'counts'");
    RunCounts counts;
    for (const auto& [name, value] : found->items()) {
        if (!value.is_number_unsigned()) refuse("a count is no number");
        counts.emplace(name, value.get<std::uint64_t>());
    }
    return counts;
}

Json jsonOf(const WorkerProgress& progress) {
    return {{"report", "progress"}, {"phase", progress.phase}, {"counts", progress.counts}};
}

Json jsonOf(const WorkerProblem& problem) {
    return {{"report", "problem"},
            {"path", hexOf(problem.path)},
            {"code", problem.code},
            {"message", problem.message}};
}

Json jsonOf(const WorkerResult& result) {
    return {{"report", "result"},
            {"outcome", result.outcome},
            {"message", result.message},
            {"snapshot", result.snapshot},
            {"counts", result.counts}};
}

}  // namespace

std::string WorkerOrder::encode() const {
    Json object{{"run", run},
                {"attempt", attempt},
                {"kind", kind},
                {"store", store},
                {"authority", hexOf(authorityFile)},
                {"identity", hexOf(identityFile)},
                {"token", toHex(token)},
                {"agent", agent.id.hex()},
                {"seed", toHex(agent.sign.seed().view())},
                {"cache", hexOf(cacheFolder)},
                {"own", hexList(own)},
                {"host", host},
                {"what", hexList(what)},
                {"target", hexOf(target)},
                {"patterns", hexList(patterns)},
                {"options", hexMap(options)}};
    std::string line = lineOf(object);
    wipeText(object, "token");
    wipeText(object, "seed");
    return line;
}

WorkerOrder WorkerOrder::decode(std::string_view line) {
    Json object = parse(line, longestOrder);
    WorkerOrder order;
    order.run = getNumber<std::int64_t>(object, "run");
    order.attempt = getNumber<std::uint32_t>(object, "attempt");
    order.kind = get<std::string>(object, "kind");
    order.store = get<std::string>(object, "store");
    order.authorityFile = getPath(object, "authority");
    order.identityFile = getPath(object, "identity");
    order.token = getOctets(object, "token");
    order.agent.id = getFixed<AgentId>(object, "agent");
    order.agent.sign = SigningKey::fromSeed(getFixed<SecretKey>(object, "seed"));
    order.cacheFolder = getPath(object, "cache");
    order.own = getPaths(object, "own");
    order.host = get<std::string>(object, "host");
    order.what = getPaths(object, "what");
    order.target = getPath(object, "target");
    order.patterns = getPaths(object, "patterns");
    order.options = getHexMap(object, "options");
    wipeText(object, "token");
    wipeText(object, "seed");
    return order;
}

std::string encodeReport(const WorkerReport& report) {
    return lineOf(std::visit([](const auto& its) { return jsonOf(its); }, report));
}

WorkerReport decodeReport(std::string_view line) {
    const Json object = parse(line, longestReport);
    const auto kind = get<std::string>(object, "report");
    if (kind == "progress") {
        return WorkerProgress{get<std::string>(object, "phase"), getCounts(object)};
    }
    if (kind == "problem") {
        return WorkerProblem{getPath(object, "path"), get<std::string>(object, "code"),
                             get<std::string>(object, "message")};
    }
    if (kind == "result") {
        return WorkerResult{get<std::string>(object, "outcome"),
                            get<std::string>(object, "message"),
                            get<std::string>(object, "snapshot"), getCounts(object)};
    }
    refuse("there is no such report");
}

}  // namespace coffer
