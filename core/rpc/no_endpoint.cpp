#include "core/rpc/no_endpoint.h"

#include <omniORB4/CORBA.h>
#include <omniORB4/giopEndpoint.h>

#include "core/base/guarded.h"

namespace coffer::rpc {

namespace {

constexpr const char* transportName = "giop:none";

// Made by new alone.
class NoEndpoint : public omni::giopEndpoint {
  public:
    explicit NoEndpoint(const char* address) : address_(address) {
        addresses_.length(1);
        addresses_[0] = address_.c_str();
    }

    const char* type() const override { return transportName; }
    const char* address() const override { return address_.c_str(); }
    const omni::orbServer::EndpointList* addresses() const override { return &addresses_; }

    CORBA::Boolean publish(const omni::orbServer::PublishSpecs&, CORBA::Boolean, CORBA::Boolean,
                           omni::orbServer::EndpointList& published) override {
        omni::giopEndpoint::addToIOR(address_.c_str());
        const CORBA::ULong count = published.length();
        published.length(count + 1);
        published[count] = address_.c_str();
        return true;
    }

    CORBA::Boolean Bind() override { return true; }

    /// Waits until the ORB stops to accept: nobody comes.
    omni::giopConnection* AcceptAndMonitor(omni::giopConnection::notifyReadable_t, void*) override {
        poked_.when([](bool poked) { return poked; }, [](bool& poked) { poked = false; });
        return nullptr;
    }

    void Poke() override {
        poked_.change([](bool& poked) { poked = true; });
    }

    /// The last that omniORB does with an endpoint; those of its own count themselves and end here.
    void Shutdown() override { delete this; }

  private:
    const std::string address_;
    omni::orbServer::EndpointList addresses_;
    Guarded<bool> poked_{false};
};

class NoTransport : public omni::giopTransportImpl {
  public:
    NoTransport() : giopTransportImpl(transportName) {}

    omni::giopEndpoint* toEndpoint(const char* address) override { return new NoEndpoint(address); }
    omni::giopAddress* toAddress(const char*) override { return nullptr; }
    CORBA::Boolean isValid(const char*) override { return false; }
    CORBA::Boolean addToIOR(const char*, omni::IORPublish*) override { return false; }
    const omnivector<const char*>* getInterfaceAddress() override { return nullptr; }
};

}  // namespace

std::string noEndpoint(const std::string& address) {
    static NoTransport transport;
    return std::string(transportName) + ":" + address;
}

}  // namespace coffer::rpc
