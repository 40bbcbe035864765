#include "management_server/objects/node_servants.h"

#include <utility>

#include "management_server/access/upcall.h"

namespace coffer {

namespace {

using Objects = std::shared_ptr<AgentObjects>;

/// Node, and what File and Folder have of it.
template <class Skeleton>
class NodeServant : public Skeleton {
  public:
    explicit NodeServant(Objects objects) : objects_(std::move(objects)) {}

    Coffer::PathOctets* location() override { return objects_->location(); }
    Coffer::Entry* attributes() override { return objects_->attributes(); }
    void erase(CORBA::Boolean recursive) override { objects_->erase(recursive); }
    void moveTo(const Coffer::PathOctets& target) override { objects_->moveTo(target); }
    void copyTo(const Coffer::PathOctets& target) override { objects_->copyTo(target); }

  protected:
    const Objects objects_;
};

class FileServant : public NodeServant<POA_Coffer::File> {
  public:
    using NodeServant::NodeServant;

    Coffer::Octets* read(CORBA::ULongLong offset, CORBA::ULong length) override {
        return objects_->read(offset, length);
    }
    void write(CORBA::ULongLong offset, const Coffer::Octets& data) override {
        objects_->write(offset, data);
    }
    void resize(CORBA::ULongLong size) override { objects_->resize(size); }
};

class FolderServant : public NodeServant<POA_Coffer::Folder> {
  public:
    using NodeServant::NodeServant;

    Coffer::Entries* list(CORBA::ULong atMost, Coffer::EntryIterator_out rest) override {
        return objects_->list(atMost, rest);
    }
    Coffer::Node_ptr find(const Coffer::PathOctets& below) override {
        return objects_->find(below);
    }
    Coffer::File_ptr createFile(const Coffer::PathOctets& name) override {
        return objects_->createFile(name);
    }
    Coffer::Folder_ptr createFolder(const Coffer::PathOctets& name) override {
        return objects_->createFolder(name);
    }
};

CORBA::Object_ptr refer(rpc::Orb& orb, AgentObjects::Kind kind, ByteView id) {
    switch (kind) {
        case AgentObjects::Kind::folder:
            return referenceIn(orb, "folders", id, "IDL:Coffer/Folder:1.0");
        case AgentObjects::Kind::file:
            return referenceIn(orb, "files", id, "IDL:Coffer/File:1.0");
        default:
            return referenceIn(orb, "nodes", id, "IDL:Coffer/Node:1.0");
    }
}

template <class Servant>
void serve(rpc::Orb& orb, const char* poa, const Objects& objects) {
    const PortableServer::Servant_var<Servant> servant = new Servant(objects);
    const PortableServer::POA_var made = orb.poa(poa, servant.in());
}

}  // namespace

NodeServants::NodeServants(
    rpc::Orb& orb, SessionTable& sessions,
    std::function<Coffer::AgentControl_var(const std::string& agent)> control,
    rpc::LeaseKeeper& iterators)
    : objects_(std::make_shared<AgentObjects>(AgentObjects::Parts{
          sessions, std::move(control),
          [&orb](AgentObjects::Kind kind, ByteView id) { return refer(orb, kind, id); },
          iterators})) {
    serve<NodeServant<POA_Coffer::Node>>(orb, "nodes", objects_);
    serve<FileServant>(orb, "files", objects_);
    serve<FolderServant>(orb, "folders", objects_);
}

}  // namespace coffer
