#pragma once

#include <memory>
#include <vector>

#include "core/rpc/failure.h"
#include "core/rpc/orb.h"
#include "idl/objects.hh"
#include "tests/management_panel/client/fake_tree.h"

namespace coffer::fake {

/// Activates a new servant, whose reference is taken over, and gives a reference to the object.
CORBA::Object_ptr activate(rpc::Orb& orb, PortableServer::ServantBase* servant);

template <class Interface>
typename Interface::_ptr_type reference(rpc::Orb& orb, PortableServer::ServantBase* servant) {
    const CORBA::Object_var object = activate(orb, servant);
    return Interface::_narrow(object);
}

/// Hands out a list in pages, through an iterator or a first page and one.
template <class Skeleton, class Page, class PageOut, class Element>
class Pages : public Skeleton {
  public:
    explicit Pages(std::vector<Element> elements) : elements_(std::move(elements)) {}

    CORBA::Boolean next(CORBA::ULong atMost, PageOut page) override {
        return rpc::serve("next", [&]() -> CORBA::Boolean {
            page = take(atMost).release();
            return next_ < elements_.size();
        });
    }
    void close() override {}

    std::unique_ptr<Page> take(CORBA::ULong atMost) {
        auto page = std::make_unique<Page>();
        for (; next_ < elements_.size() && page->length() < atMost; ++next_) {
            page->length(page->length() + 1);
            (*page)[page->length() - 1] = elements_[next_];
        }
        return page;
    }
    bool atEnd() const { return next_ == elements_.size(); }

  private:
    const std::vector<Element> elements_;
    std::size_t next_ = 0;
};
using EntryPages =
    Pages<POA_Coffer::EntryIterator, Coffer::Entries, Coffer::Entries_out, Coffer::Entry>;

/// The first page of a list, and the iterator for the rest.
Coffer::Entries* firstPage(rpc::Orb& orb, std::vector<Coffer::Entry> entries, CORBA::ULong atMost,
                           Coffer::EntryIterator_out rest);

/// A stretch of a content.
Coffer::Octets* stretchOf(const std::string& content, std::uint64_t offset, std::uint32_t length);

/// The Node, File or Folder at a path of a tree. Throws Error(notFound).
Coffer::Node_ptr nodeAt(rpc::Orb& orb, const std::shared_ptr<Tree>& tree, const std::string& path);

}  // namespace coffer::fake
