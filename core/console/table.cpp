#include "core/console/table.h"

#include <algorithm>

namespace coffer {

namespace {

// Characters of a text in UTF-8: octets that do not continue one.
std::size_t widthOf(const std::string& text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (c & '\xC0') != '\x80'; }));
}

}  // namespace

void Table::print(std::ostream& out) const {
    std::vector<std::string> head;
    for (const Column& column : columns_) head.push_back(column.title);
    const bool titled = std::ranges::any_of(head, [](const auto& title) { return !title.empty(); });

    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        std::size_t width = widthOf(head[i]);
        for (const auto& row : rows_) width = std::max(width, widthOf(row[i]));
        widths.push_back(width);
    }
    const auto printRow = [&](const std::vector<std::string>& cells) {
        std::string line;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const std::string padding(widths[i] - widthOf(cells[i]), ' ');
            if (i > 0) line += "  ";
            line += columns_[i].align == Align::right ? padding + cells[i] : cells[i] + padding;
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out << line << '\n';
    };
    if (titled) printRow(head);
    for (const auto& row : rows_) printRow(row);
}

}  // namespace coffer
