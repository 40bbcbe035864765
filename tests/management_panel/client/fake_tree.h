#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/base/guarded.h"
#include "idl/objects.hh"

namespace coffer::fake {

/// The files of a made-up agent or snapshot, by absolute path. Safe to share.
class Tree {
  public:
    struct Item {
        std::string kind = "folder";
        std::string content;
    };

    Tree();

    void add(const std::string& path, const Item& item);
    void addFile(const std::string& path, const std::string& content) {
        add(path, {"file", content});
    }
    void addFolder(const std::string& path) { add(path, {}); }

    /// Content of a file, "(kind)" of another entry, "(nothing)".
    std::string at(const std::string& path) const;

    // As the operations of objects.idl; throw the same Errors.
    Item get(const std::string& path) const;
    Coffer::Entry entry(const std::string& path) const;
    std::vector<Coffer::Entry> list(const std::string& path) const;
    void create(const std::string& path, const Item& item);
    void change(const std::string& path, const std::function<void(Item&)>& work);
    void erase(const std::string& path, bool recursive);
    void move(const std::string& path, const std::string& target, bool keep);

  private:
    using Items = std::map<std::string, Item>;
    Guarded<Items> items_;
};

}  // namespace coffer::fake
