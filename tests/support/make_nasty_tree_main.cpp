#include <cstdlib>
#include <iostream>

#include "core/base/error.h"
#include "tests/support/nasty_tree.h"

// make-nasty-tree FOLDER ENTRIES SEED: builds the tree, prints what had to be left out.
int main(int argc, char** argv) {
    if (argc != 4) {
        std::cerr << "usage: make-nasty-tree FOLDER ENTRIES SEED\n";
        return EXIT_FAILURE;
    }
    try {
        const auto entries = static_cast<unsigned>(std::strtoul(argv[2], nullptr, 10));
        const auto seed = static_cast<unsigned>(std::strtoul(argv[3], nullptr, 10));
        for (const std::string& line : coffer::makeNastyTree(argv[1], entries, seed)) {
            std::cout << "skipped " << line << '\n';
        }
    } catch (const coffer::Error& error) {
        std::cerr << "make-nasty-tree: " << error.what() << '\n';
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
