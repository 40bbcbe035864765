#include "management_server/access/request_board.h"

#include "core/rpc/convert.h"
#include "core/rpc/failure.h"

namespace coffer {

namespace {

Coffer::RequestInfo toRequestInfo(const Request& from) {
    Coffer::RequestInfo to;
    to.number = from.number;
    to.action = from.action.c_str();
    to.subject = from.subject.c_str();
    to.user = from.user.c_str();
    to.made = rpc::toMoment(from.made);
    to.expires = rpc::toMoment(from.expires);
    to.state = from.state.c_str();
    to.decider = from.decider.c_str();
    to.decided = rpc::toMoment(from.decided);
    to.message = from.message.c_str();
    return to;
}

Change changeOf(const char* action, const Request& request) {
    return {action,
            std::to_string(request.number),
            {},
            {{"action", request.action}, {"subject", request.subject}, {"asked-by", request.user}}};
}

}  // namespace

Coffer::RequestInfos* RequestBoard::list() {
    return rpc::serve("list requests", [&] {
        sessions_.require(Right::look);
        return new Coffer::RequestInfos(
            rpc::sequenceOf<Coffer::RequestInfos>(confirmations_.list(), toRequestInfo));
    });
}

void RequestBoard::confirm(CORBA::LongLong number) {
    rpc::serve("confirm a request", [&] {
        const UserSession session = sessions_.require(Right::forget);
        const Request request = confirmations_.get(number);
        sessions_.audited(session, changeOf("request-confirmed", request),
                          [&] { confirmations_.confirm(session.user, number); });
    });
}

void RequestBoard::refuse(CORBA::LongLong number) {
    rpc::serve("refuse a request", [&] {
        const UserSession session = sessions_.requireAny();
        const Request request = confirmations_.get(number);
        if (request.user != session.user) sessions_.check(session, Right::forget, {});
        sessions_.audited(session, changeOf("request-refused", request),
                          [&] { confirmations_.refuse(session.user, number); });
    });
}

}  // namespace coffer
