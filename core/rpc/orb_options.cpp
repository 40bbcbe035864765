#include "core/rpc/orb_options.h"

#include <array>

#include "core/rpc/no_endpoint.h"

namespace coffer::rpc {

namespace {

// Every peer's longest message; more ends its connection before memory is taken for it.
constexpr const char* longestMessage = "16777216";

OrbOptions common() {
    return {
        {"traceLevel", "0"},  // what goes wrong arrives as an exception
        {"giopMaxMsgSize", longestMessage},
        {"nativeCharCodeSet", "UTF-8"},
        {"defaultCharCodeSet", "UTF-8"},
        {"supportPerThreadTimeOut", "1"},
        {"clientConnectTimeOutPeriod", "10000"},
        {"clientCallTimeOutPeriod", "60000"},
        {"serverCallTimeOutPeriod", "60000"},
        {"sslAcceptTimeOut", "10000"},
        {"maxGIOPConnectionPerServer", "8"},
    };
}

/// One thread for each connection: a thread pool could be starved by peers that say nothing.
OrbOptions serving() {
    return {
        {"threadPerConnectionPolicy", "1"},
        {"maxServerThreadPerConnection", "32"},
        {"connectionWatchImmediate", "1"},
    };
}

void append(OrbOptions& options, OrbOptions more) {
    options.insert(options.end(), more.begin(), more.end());
}

OrbOptions server(const Endpoint& listen) {
    const bool everywhere = listen.host.empty() || listen.host == "0.0.0.0" || listen.host == "::";
    Endpoint where = listen;
    where.host = everywhere ? "" : listen.host;
    return {
        {"endPoint", "giop:ssl:" + where.text()},
        {"acceptBiDirectionalGIOP", "1"},
        {"serverTransportRule", "* ssl,bidir"},
        {"clientTransportRule", "* none"},  // it never dials out
    };
}

OrbOptions agent() {
    return {
        {"endPoint", noEndpoint("giop:ssl:127.0.0.1:1")},
        {"offerBiDirectionalGIOP", "1"},
        {"clientTransportRule", "* ssl,bidir"},
        {"serverTransportRule", "* none"},
    };
}

OrbOptions dialling() {
    return {
        {"endPoint", noEndpoint("giop:ssl:127.0.0.1:1")},
        {"clientTransportRule", "* ssl"},
        {"serverTransportRule", "* none"},
    };
}

OrbOptions embedded() {
    return {
        {"endPoint", noEndpoint("giop:tcp:127.0.0.1:1")},
        {"clientTransportRule", "* none"},
        {"serverTransportRule", "* none"},
    };
}

}  // namespace

OrbOptions optionsOf(const OrbSettings& settings) {
    OrbOptions options = common();
    switch (settings.role) {
        case OrbRole::server:
            append(options, serving());
            append(options, server(settings.listen));
            break;
        case OrbRole::agent:
            append(options, serving());
            append(options, agent());
            break;
        case OrbRole::worker:
        case OrbRole::client:
            append(options, dialling());
            break;
        case OrbRole::embedded:
            append(options, embedded());
            break;
    }
    return options;
}

CORBA::ORB_ptr startOmniOrb(const OrbOptions& options) {
    // omniORB wants an array of pairs of C strings, ended by null pointers.
    std::vector<std::array<const char*, 2>> array;
    for (const auto& [name, value] : options) array.push_back({name.c_str(), value.c_str()});
    array.push_back({nullptr, nullptr});
    std::string program = "coffer";
    char* words[] = {program.data(), nullptr};
    int count = 1;
    return CORBA::ORB_init(count, words, "omniORB4",
                           reinterpret_cast<const char*(*)[2]>(array.data()));
}

}  // namespace coffer::rpc
