#include "management_server/updates/update_depot.h"

#include "core/base/error.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"

namespace coffer {

Coffer::Octets* UpdateDepot::read(const char* version, const char* platform,
                                  Coffer::ByteCount offset, CORBA::ULong length) {
    return rpc::serve("read", [&] {
        requireAgent_();
        if (offset < 0) throw Error(ErrorCode::invalidArgument, "an offset is not negative");
        return new Coffer::Octets(rpc::toOctets(shelf_.read(
            Version::parse(version), platform, static_cast<std::uint64_t>(offset), length)));
    });
}

}  // namespace coffer
