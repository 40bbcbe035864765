#include "management_server/directory/ldap_connection.h"

#include <ldap.h>

#include <array>

#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr ber_len_t longestMessage = 4 << 20;  // of the directory
constexpr int mostEntries = 2;
constexpr std::size_t mostValues = 1'000;
constexpr std::size_t longestValue = 1'024;

struct FreeMessage {
    void operator()(LDAPMessage* message) const { ::ldap_msgfree(message); }
};
struct FreeText {
    void operator()(char* text) const { ::ldap_memfree(text); }
};
struct FreeValues {
    void operator()(berval** values) const { ::ldap_value_free_len(values); }
};

timeval timeOf(milliseconds length) {
    return {static_cast<time_t>(length.count() / 1'000),
            static_cast<suseconds_t>(length.count() % 1'000 * 1'000)};
}

// What a directory answers to a wrong password, to a name that it does not know or does not let in.
bool isRefusal(int result) {
    switch (result) {
        case LDAP_INVALID_CREDENTIALS:
        case LDAP_INAPPROPRIATE_AUTH:
        case LDAP_INSUFFICIENT_ACCESS:
        case LDAP_NO_SUCH_OBJECT:
        case LDAP_INVALID_DN_SYNTAX:
        case LDAP_CONSTRAINT_VIOLATION:
        case LDAP_UNWILLING_TO_PERFORM:
            return true;
        default:
            return false;
    }
}

LdapEntry entryAt(LDAP* handle, LDAPMessage* message, const std::string& attribute) {
    const std::unique_ptr<char, FreeText> name(::ldap_get_dn(handle, message));
    LdapEntry entry{name ? name.get() : "", {}};
    const std::unique_ptr<berval*, FreeValues> values(
        ::ldap_get_values_len(handle, message, attribute.c_str()));
    for (berval** each = values.get(); each != nullptr && *each != nullptr; ++each) {
        if (entry.values.size() == mostValues) break;
        if ((*each)->bv_len <= longestValue) {
            entry.values.emplace_back((*each)->bv_val, (*each)->bv_len);
        }
    }
    return entry;
}

// What libldap calls with each new connection, before it speaks; not with 0: it gives up.
int watchConnection(LDAP*, Sockbuf* buffer, LDAPURLDesc*, sockaddr*, ldap_conncb* callback) {
    int socket = -1;
    if (::ber_sockbuf_ctrl(buffer, LBER_SB_OPT_GET_FD, &socket) != 1) return -1;
    try {
        static_cast<ConnectionCutter*>(callback->lc_arg)->watch(socket);
        return 0;
    } catch (const std::exception&) {
        return -1;
    }
}

void passOver(LDAP*, Sockbuf*, ldap_conncb*) {}

}  // namespace

void LdapConnection::Closed::operator()(ldap* handle) const {
    ::ldap_unbind_ext_s(handle, nullptr, nullptr);
}

LdapConnection::LdapConnection(const Place& place)
    : end_(steady_clock::now() + place.patience),
      cutter_(end_),
      onConnect_(std::make_unique<ldap_conncb>(ldap_conncb{watchConnection, passOver, &cutter_})) {
    open(place);
    trust(place.authorityFile);
    connect(place.startTls);
}

LdapConnection::~LdapConnection() = default;

// Every option is set that decides whom it trusts, whatever ldap.conf or the environment say.
void LdapConnection::open(const Place& place) {
    LDAP* handle = nullptr;
    if (::ldap_initialize(&handle, place.url.c_str()) != LDAP_SUCCESS) {
        throw Error(ErrorCode::invalidArgument, "not a directory's URL: " + printable(place.url));
    }
    handle_.reset(handle);
    const int version = LDAP_VERSION3;
    const int never = LDAP_DEREF_NEVER;
    const int entries = mostEntries;
    set(LDAP_OPT_CONNECT_CB, onConnect_.get());
    set(LDAP_OPT_PROTOCOL_VERSION, &version);
    set(LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
    set(LDAP_OPT_DEREF, &never);
    set(LDAP_OPT_SIZELIMIT, &entries);
    Sockbuf* buffer = nullptr;
    ::ldap_get_option(handle, LDAP_OPT_SOCKBUF, static_cast<void*>(&buffer));
    ber_len_t longest = longestMessage;
    if (buffer == nullptr ||
        ::ber_sockbuf_ctrl(buffer, LBER_SB_OPT_SET_MAX_INCOMING, &longest) < 0) {
        throw Error(ErrorCode::internal, "the directory's answers cannot be bounded");
    }
}

void LdapConnection::trust(const std::string& authorityFile) {
    const int demand = LDAP_OPT_X_TLS_DEMAND;
    const int oldest = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2;
    const int client = 0;
    set(LDAP_OPT_X_TLS_CACERTDIR, nullptr);
    set(LDAP_OPT_X_TLS_CACERTFILE, authorityFile.c_str());
    set(LDAP_OPT_X_TLS_CERTFILE, nullptr);
    set(LDAP_OPT_X_TLS_KEYFILE, nullptr);
    set(LDAP_OPT_X_TLS_REQUIRE_CERT, &demand);
    set(LDAP_OPT_X_TLS_PROTOCOL_MIN, &oldest);
    set(LDAP_OPT_X_TLS_NEWCTX, &client);
}

void LdapConnection::connect(bool startTls) {
    allowTime();
    const int result = startTls ? ::ldap_start_tls_s(handle_.get(), nullptr, nullptr)
                                : ::ldap_connect(handle_.get());
    if (result != LDAP_SUCCESS) fail(result, startTls ? "StartTLS" : "connect");
    if (::ldap_tls_inplace(handle_.get()) == 0) {
        throw Error(ErrorCode::untrusted, "the connection is not encrypted");
    }
    // The library connects anew when the directory has hung up: never without TLS.
    const int hard = LDAP_OPT_X_TLS_HARD;
    set(LDAP_OPT_X_TLS, &hard);
}

bool LdapConnection::bind(const std::string& name, const std::string& password) {
    if (name.empty() || password.empty()) {
        throw Error(ErrorCode::invalidArgument, "a bind without a name or password proves nothing");
    }
    allowTime();
    std::string kept = password;
    berval secret{kept.size(), kept.data()};
    const int result = ::ldap_sasl_bind_s(handle_.get(), name.c_str(), LDAP_SASL_SIMPLE, &secret,
                                          nullptr, nullptr, nullptr);
    if (result != LDAP_SUCCESS && !isRefusal(result)) fail(result, "log in");
    return result == LDAP_SUCCESS;
}

std::vector<LdapEntry> LdapConnection::search(const std::string& base, const std::string& filter,
                                              const std::string& attribute) {
    return entries(base, LDAP_SCOPE_SUBTREE, filter, attribute);
}

std::optional<LdapEntry> LdapConnection::read(const std::string& name,
                                              const std::string& attribute) {
    const auto found = entries(name, LDAP_SCOPE_BASE, "(objectClass=*)", attribute);
    return found.size() == 1 ? std::optional(found.front()) : std::nullopt;
}

std::vector<LdapEntry> LdapConnection::entries(const std::string& base, int scope,
                                               const std::string& filter,
                                               const std::string& attribute) {
    timeval patience = allowTime();
    std::string wanted = attribute;
    std::array<char*, 2> attributes{wanted.data(), nullptr};
    LDAPMessage* received = nullptr;
    const int result =
        ::ldap_search_ext_s(handle_.get(), base.c_str(), scope, filter.c_str(), attributes.data(),
                            0, nullptr, nullptr, &patience, mostEntries, &received);
    const std::unique_ptr<LDAPMessage, FreeMessage> answer(received);
    if (result == LDAP_NO_SUCH_OBJECT && scope == LDAP_SCOPE_BASE) return {};
    if (result != LDAP_SUCCESS && result != LDAP_SIZELIMIT_EXCEEDED) fail(result, "search");
    std::vector<LdapEntry> found;
    for (LDAPMessage* each = ::ldap_first_entry(handle_.get(), answer.get());
         each != nullptr && found.size() < mostEntries;
         each = ::ldap_next_entry(handle_.get(), each)) {
        found.push_back(entryAt(handle_.get(), each, attribute));
    }
    return found;
}

timeval LdapConnection::allowTime() {
    const auto left = std::chrono::duration_cast<milliseconds>(end_ - steady_clock::now());
    if (left.count() <= 0) {
        throw Error(ErrorCode::unavailable, "the directory has not answered in time");
    }
    const timeval time = timeOf(left);
    const int seconds = static_cast<int>(time.tv_sec) + 1;
    set(LDAP_OPT_NETWORK_TIMEOUT, &time);
    set(LDAP_OPT_TIMEOUT, &time);
    set(LDAP_OPT_TIMELIMIT, &seconds);
    return time;
}

void LdapConnection::set(int option, const void* value) {
    if (::ldap_set_option(handle_.get(), option, value) != LDAP_OPT_SUCCESS) {
        throw Error(ErrorCode::unavailable,
                    "libldap does not take option " + std::to_string(option) +
                        (option == LDAP_OPT_X_TLS_NEWCTX ? ": is the authority's file good?" : ""));
    }
}

void LdapConnection::fail(int result, const std::string& doing) {
    char* text = nullptr;
    ::ldap_get_option(handle_.get(), LDAP_OPT_DIAGNOSTIC_MESSAGE, static_cast<void*>(&text));
    const std::unique_ptr<char, FreeText> more(text);
    std::string message = doing + ": " + ::ldap_err2string(result);
    if (text != nullptr && *text != '\0') message += " (" + std::string(text).substr(0, 300) + ")";
    throw Error(ErrorCode::unavailable, printable(message));
}

}  // namespace coffer
