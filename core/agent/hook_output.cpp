#include "core/agent/hook_output.h"

#include <algorithm>

#include "core/base/printable.h"

namespace coffer {

namespace {

constexpr std::size_t longestPiece = 1'000;

// Safe, and as it was as far as that can be: a backslash need not be told from one that escapes.
std::string shownText(std::string text) {
    std::ranges::replace(text, '\t', ' ');
    std::string safe = printable(text);
    std::size_t to = 0;
    for (std::size_t from = 0; from < safe.size(); ++from, ++to) {
        safe[to] = safe[from];
        if (safe[from] == '\\' && from + 1 < safe.size() && safe[from + 1] == '\\') ++from;
    }
    safe.resize(to);
    return safe;
}

void addPieces(std::vector<std::string>& pieces, std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    for (; !line.empty(); line.remove_prefix(std::min(longestPiece, line.size()))) {
        pieces.push_back(shownText(std::string(line.substr(0, longestPiece))));
    }
}

std::vector<std::string> piecesOf(std::string_view text) {
    std::vector<std::string> pieces;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        addPieces(pieces, line);
        text.remove_prefix(std::min(line.size() + 1, text.size()));
    }
    return pieces;
}

}  // namespace

void HookOutput::feed(ByteView data) {
    octets_ += data.size();
    std::string_view text = textOf(data);
    const std::size_t head = std::min(kept - first_.size(), text.size());
    first_ += text.substr(0, head);
    text.remove_prefix(head);
    if (text.size() > kept) text.remove_prefix(text.size() - kept);
    last_ += text;
    if (last_.size() > 2 * kept) last_.erase(0, last_.size() - kept);
}

std::vector<std::string> HookOutput::lines() const {
    const std::string_view last =
        std::string_view(last_).substr(last_.size() - std::min(kept, last_.size()));
    const bool whole = first_.size() + last.size() == octets_;
    std::vector<std::string> lines = piecesOf(whole ? first_ + std::string(last) : first_);
    std::vector<std::string> end = whole ? std::vector<std::string>() : piecesOf(last);
    if (whole && lines.size() <= 2 * mostLines) return lines;
    if (whole) end.assign(lines.end() - mostLines, lines.end());
    lines.resize(std::min(lines.size(), mostLines));
    lines.push_back("… here something is left out of " + std::to_string(octets_) + " octets");
    if (end.size() > mostLines) {
        end.erase(end.begin(), end.end() - static_cast<std::ptrdiff_t>(mostLines));
    }
    lines.insert(lines.end(), end.begin(), end.end());
    return lines;
}

}  // namespace coffer
