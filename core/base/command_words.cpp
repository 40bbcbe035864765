#include "core/base/command_words.h"

#include "core/base/error.h"

namespace coffer {

namespace {

constexpr std::size_t longest = 4'096;
constexpr std::size_t mostWords = 100;

[[noreturn]] void refuse(const char* why) {
    throw Error(ErrorCode::invalidArgument, why);
}

bool isSpace(char c) {
    return c == ' ' || c == '\t';
}

/// Takes characters from the front of a command.
class Reader {
  public:
    explicit Reader(std::string_view rest) : rest_(rest) {}

    // Nothing but space is left.
    bool atEnd() {
        while (!rest_.empty() && isSpace(rest_.front())) rest_.remove_prefix(1);
        return rest_.empty();
    }

    std::string word() {
        std::string word;
        while (!rest_.empty() && !isSpace(rest_.front())) {
            const char c = take();
            if (c == '\'') {
                quoted(word, '\'', false);
            } else if (c == '"') {
                quoted(word, '"', true);
            } else {
                word += c == '\\' ? escaped() : c;
            }
        }
        return word;
    }

  private:
    char take() {
        const char c = rest_.front();
        rest_.remove_prefix(1);
        return c;
    }

    char escaped() {
        if (rest_.empty()) refuse("a command ends with a backslash");
        return take();
    }

    void quoted(std::string& word, char quote, bool escapes) {
        for (;;) {
            if (rest_.empty()) refuse("a quote of a command is not closed");
            const char c = take();
            if (c == quote) return;
            word += escapes && c == '\\' ? escaped() : c;
        }
    }

    std::string_view rest_;
};

}  // namespace

std::vector<std::string> commandWords(std::string_view command) {
    if (command.size() > longest) refuse("a command is longer than 4,096 octets");
    if (command.find('\0') != command.npos) refuse("a command holds an octet 0");
    std::vector<std::string> words;
    for (Reader reader(command); !reader.atEnd();) {
        if (words.size() == mostWords) refuse("a command has more than 100 words");
        words.push_back(reader.word());
    }
    if (words.empty() || !words.front().starts_with('/')) {
        refuse("a command begins with the absolute path of a program");
    }
    return words;
}

}  // namespace coffer
