#include "core/agent/line_splitter.h"

#include <algorithm>
#include <utility>

namespace coffer {

void LineSplitter::feed(ByteView data, const std::function<void(Line)>& each) {
    std::string_view rest = textOf(data);
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        const std::string_view piece = rest.substr(0, end);
        if (!skipping_) {
            const std::size_t room = longest_ - begun_.size();
            begun_.append(piece.substr(0, room));
            if (piece.size() > room) {
                skipping_ = true;
                each({std::exchange(begun_, {}), true});
            }
        }
        if (end == rest.npos) return;
        rest.remove_prefix(end + 1);
        if (!std::exchange(skipping_, false)) finish(each);
    }
}

void LineSplitter::finish(const std::function<void(Line)>& each) {
    if (!begun_.empty()) each({std::exchange(begun_, {}), false});
}

}  // namespace coffer
