#pragma once

#include <omniORB4/CORBA.h>

namespace coffer::rpc {

// References that a peer gives to be called back over its own connection. What they say is the
// peer's word: they may name another peer's connection, or an object of this very program, which
// would then be called in this program's name.

/// Whether calls of `object`, which came with the call that is being served, go back over the
/// connection of that call. Within an upcall only, and before the reference is used. Within one
/// process (embedded) every reference does.
bool leadsBack(CORBA::Object_ptr object);

/// Closes the connection over which `object` is called; calls under way fail. Nothing happens when
/// there is none.
void hangUp(CORBA::Object_ptr object);

}  // namespace coffer::rpc
