#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace coffer {

/// A table for people: columns as wide as their widest cell (East Asian wide characters count as
/// one), two spaces between them. Used by one thread.
class Table {
  public:
    enum class Align { left, right };
    struct Column {
        std::string title;
        Align align = Align::left;
    };

    /// Without titles no head is printed.
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

    /// A cell for each column, printable.
    void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

    void print(std::ostream& out) const;

  private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

/// A table of two columns without a head: what, and how much.
class FactTable {
  public:
    void add(const std::string& name, const std::string& value) { table_.add({name, value}); }
    void print(std::ostream& out) const { table_.print(out); }

  private:
    Table table_{{{}, {}}};
};

}  // namespace coffer
