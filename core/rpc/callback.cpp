#include "core/rpc/callback.h"

#include <omniORB4/internal/giopRope.h>
#include <omniORB4/internal/omniIdentity.h>
#include <omniORB4/omniIOR.h>

#include <omniORB4/internal/giopBiDir.h>  // needs those above

#include <string_view>

#include "core/rpc/caller.h"
#include "core/rpc/caller_hooks.h"

namespace coffer::rpc {

namespace {

/// An IOR that is held, in the manner of omniORB's _var types.
class HeldIor {
  public:
    explicit HeldIor(omniObjRef* reference) : ior_(reference->_getIOR()) {}
    ~HeldIor() { ior_->release(); }
    HeldIor(const HeldIor&) = delete;
    HeldIor& operator=(const HeldIor&) = delete;

    const omniIOR::IORExtraInfoList& extras() const { return ior_->getIORInfo()->extraInfo(); }

  private:
    omniIOR* ior_;
};

bool isOurs(omniObjRef* reference) {
    const omni_tracedmutex_lock lock(*omni::internalLock);
    return reference->_identity()->inThisAddressSpace();
}

// omniORB adds where a reference came from when it arrives, behind what the peer wrote there
// itself, and then believes the first.
bool names(omniObjRef* reference, std::string_view connection) {
    const HeldIor ior(reference);
    CORBA::ULong count = 0;
    bool same = false;
    for (CORBA::ULong at = 0; at < ior.extras().length(); ++at) {
        const omniIOR::IORExtraInfo* extra = ior.extras()[at];
        if (extra->compid != IOP::TAG_OMNIORB_BIDIR) continue;
        ++count;
        same = static_cast<const omni::BiDirInfo*>(extra)->sendfrom.in() == connection;
    }
    return count == 1 && same;
}

}  // namespace

bool leadsBack(CORBA::Object_ptr object) {
    if (CORBA::is_nil(object)) return false;
    if (currentCaller().local) return true;
    omniObjRef* reference = object->_PR_getobj();
    return !isOurs(reference) && names(reference, currentConnection());
}

void hangUp(CORBA::Object_ptr object) {
    if (!CORBA::is_nil(object)) object->_PR_getobj()->_NP_disconnect();
}

}  // namespace coffer::rpc
