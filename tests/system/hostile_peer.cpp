// hostile_peer SERVER AUTHORITY IDENTITY|- ATTACK [ARGUMENT...]: does to a server what no honest
// program does, and prints what it answered, a line for each try:
//
//     <try>: refused <code>: <message>
//     <try>: ACCEPTED
//
// ARGUMENTs are what another peer has printed: references and tokens.
#include "tests/system/hostile_peer.h"

namespace coffer {
namespace {

/// Null when there is none.
void (*attackOf(const std::string& name))(Peer&) {
    for (const Attacks* attacks : {&agentAttacks(), &storeAttacks(), &clientAttacks()}) {
        if (const auto found = attacks->find(name); found != attacks->end()) return found->second;
    }
    return nullptr;
}

}  // namespace
}  // namespace coffer

int main(int count, char** words) {
    using namespace coffer;
    const std::vector<std::string> all(words + 1, words + count);
    if (all.size() < 4 || !attackOf(all[3])) {
        std::cerr << "usage: hostile_peer SERVER AUTHORITY IDENTITY|- ATTACK [ARGUMENT...]\n";
        return 2;
    }
    try {
        Peer peer(all[0], all[1], all[2] == "-" ? "" : all[2], {all.begin() + 4, all.end()});
        attackOf(all[3])(peer);
        return 0;
    } catch (const CORBA::Exception& exception) {
        std::cerr << "hostile_peer: " << exception._name() << "\n";
    } catch (const std::exception& error) {
        std::cerr << "hostile_peer: " << error.what() << "\n";
    }
    return 1;
}
