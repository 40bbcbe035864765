#pragma once

#include <array>
#include <ctime>
#include <string>
#include <vector>

#include "core/chunk/chunk_id.h"
#include "core/codec/compression.h"
#include "core/codec/secret.h"

namespace coffer {

/// CPU seconds of stages of work, each alone on one core.
class Stages {
  public:
    /// Runs `work` and counts its time to the stage; gives what it gives.
    template <class Work>
    decltype(auto) in(const char* stage, Work&& work) {
        const Clock clock{secondsOf(stage), std::clock()};
        return work();
    }

    double total() const;

    /// {"walk": 0.31, …} in the order in which stages were first seen.
    std::string json() const;

  private:
    struct Stage {
        const char* name;
        std::clock_t ticks = 0;
    };
    struct Clock {
        std::clock_t& ticks;
        const std::clock_t start;
        ~Clock() { ticks += std::clock() - start; }
    };
    std::clock_t& secondsOf(const char* stage);

    std::vector<Stage> stages_;
};

/// A block that was written, with all that it takes to read it.
struct FloorBlock {
    SecretKey key;
    Codec codec = Codec::plain;
    std::size_t sealedLength = 0;
    std::size_t rawLength = 0;
    std::vector<std::size_t> chunks;  // their lengths
};

/// The stages of a first backup of `tree` into the file `pack`; no database, network or threads.
std::vector<FloorBlock> backupFloor(const std::string& tree, const std::string& pack, int level,
                                    Stages& stages);

/// Those of reading every octet of it again.
void verifyFloor(const std::string& pack, const std::vector<FloorBlock>& blocks, Stages& stages);

/// Those of making the tree's files in `target`.
void restoreFloor(const std::string& tree, const std::string& target, Stages& stages);

}  // namespace coffer
