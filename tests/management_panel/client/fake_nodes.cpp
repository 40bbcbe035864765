#include "tests/management_panel/client/fake_nodes.h"

#include <atomic>

#include "core/rpc/convert.h"

namespace coffer::fake {

namespace {

/// What File, Folder and plain Node have in common.
template <class Skeleton>
class NodeServant : public Skeleton {
  public:
    NodeServant(rpc::Orb& orb, std::shared_ptr<Tree> tree, std::string path)
        : orb_(orb), tree_(std::move(tree)), path_(std::move(path)) {}

    Coffer::PathOctets* location() override { return new Coffer::PathOctets(rpc::toPath(path_)); }
    Coffer::Entry* attributes() override {
        return rpc::serve("attributes", [&] { return new Coffer::Entry(tree_->entry(path_)); });
    }
    void erase(CORBA::Boolean recursive) override {
        rpc::serve("erase", [&] { tree_->erase(path_, recursive); });
    }
    void moveTo(const Coffer::PathOctets& target) override {
        rpc::serve("moveTo", [&] { tree_->move(path_, rpc::toAbsolutePath(target), false); });
    }
    void copyTo(const Coffer::PathOctets& target) override {
        rpc::serve("copyTo", [&] { tree_->move(path_, rpc::toAbsolutePath(target), true); });
    }

  protected:
    rpc::Orb& orb_;
    const std::shared_ptr<Tree> tree_;
    const std::string path_;
};

class FileServant : public NodeServant<POA_Coffer::File> {
  public:
    using NodeServant::NodeServant;

    Coffer::Octets* read(CORBA::ULongLong offset, CORBA::ULong length) override {
        return rpc::serve("read",
                          [&] { return stretchOf(tree_->get(path_).content, offset, length); });
    }
    void write(CORBA::ULongLong offset, const Coffer::Octets& data) override {
        rpc::serve("write", [&] {
            tree_->change(path_, [&](Tree::Item& item) {
                item.content.resize(std::max<std::size_t>(item.content.size(), offset));
                item.content.replace(offset, data.length(), textOf(rpc::viewOf(data)));
            });
        });
    }
    void resize(CORBA::ULongLong size) override {
        rpc::serve("resize", [&] {
            tree_->change(path_, [&](Tree::Item& item) { item.content.resize(size); });
        });
    }
};

class FolderServant : public NodeServant<POA_Coffer::Folder> {
  public:
    using NodeServant::NodeServant;

    Coffer::Entries* list(CORBA::ULong atMost, Coffer::EntryIterator_out rest) override {
        return rpc::serve("list",
                          [&] { return firstPage(orb_, tree_->list(path_), atMost, rest); });
    }
    Coffer::Node_ptr find(const Coffer::PathOctets& below) override {
        return rpc::serve("find", [&] {
            return nodeAt(orb_, tree_, below.length() == 0 ? path_ : inside(rpc::textOf(below)));
        });
    }
    Coffer::File_ptr createFile(const Coffer::PathOctets& name) override {
        return rpc::serve("createFile", [&] {
            const std::string path = inside(rpc::toName(name));
            tree_->create(path, {"file", ""});
            return reference<Coffer::File>(orb_, new FileServant(orb_, tree_, path));
        });
    }
    Coffer::Folder_ptr createFolder(const Coffer::PathOctets& name) override {
        return rpc::serve("createFolder", [&] {
            const std::string path = inside(rpc::toName(name));
            tree_->create(path, {});
            return reference<Coffer::Folder>(orb_, new FolderServant(orb_, tree_, path));
        });
    }

  private:
    std::string inside(const std::string& path) const {
        return (path_ == "/" ? "" : path_) + "/" + path;
    }
};

}  // namespace

CORBA::Object_ptr activate(rpc::Orb& orb, PortableServer::ServantBase* servant) {
    static std::atomic<unsigned> count{0};
    const PortableServer::ServantBase_var owned(servant);
    const PortableServer::POA_var poa = orb.poa("fake");
    const PortableServer::ObjectId_var id =
        PortableServer::string_to_ObjectId(std::to_string(++count).c_str());
    poa->activate_object_with_id(id, servant);
    return poa->id_to_reference(id);
}

Coffer::Entries* firstPage(rpc::Orb& orb, std::vector<Coffer::Entry> entries, CORBA::ULong atMost,
                           Coffer::EntryIterator_out rest) {
    auto* pages = new EntryPages(std::move(entries));
    const PortableServer::ServantBase_var owned(pages);
    auto first = pages->take(atMost);
    rest = Coffer::EntryIterator::_nil();
    if (!pages->atEnd()) {
        pages->_add_ref();
        rest = reference<Coffer::EntryIterator>(orb, pages);
    }
    return first.release();
}

Coffer::Octets* stretchOf(const std::string& content, std::uint64_t offset, std::uint32_t length) {
    const std::string part = offset < content.size() ? content.substr(offset, length) : "";
    return new Coffer::Octets(rpc::toOctets(bytesOf(part)));
}

Coffer::Node_ptr nodeAt(rpc::Orb& orb, const std::shared_ptr<Tree>& tree, const std::string& path) {
    const std::string kind = tree->get(path).kind;
    if (kind == "file") return reference<Coffer::File>(orb, new FileServant(orb, tree, path));
    if (kind == "folder") return reference<Coffer::Folder>(orb, new FolderServant(orb, tree, path));
    return reference<Coffer::Node>(orb, new NodeServant<POA_Coffer::Node>(orb, tree, path));
}

}  // namespace coffer::fake
