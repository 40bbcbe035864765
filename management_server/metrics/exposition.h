#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {

/// A text in the exposition format of Prometheus, 0.0.4. Families come one after the other, each
/// with its samples. Of a family the first 5,000 samples are kept: a monitor is not to be drowned.
/// Used by one thread.
class Exposition {
  public:
    static constexpr std::size_t mostSamples = 5'000;
    static constexpr const char* contentType = "text/plain; version=0.0.4; charset=utf-8";

    enum class Type { gauge, counter };
    using Labels = std::vector<std::pair<std::string_view, std::string>>;

    /// Begins a family; a counter's name ends in "_total" or belongs to a sum that only grows. Name
    /// and labels' names are constants: letters, digits and '_'.
    void family(std::string_view name, Type type, std::string_view help);

    /// A sample of it; which labels it has is the same for all. Values of labels are UTF-8
    /// (printable.h sees to that).
    void add(const Labels& labels, double value);
    void add(double value) { add({}, value); }

    /// Samples that were left out so far.
    std::uint64_t dropped() const { return dropped_; }

    std::string take() { return std::move(text_); }

  private:
    std::string text_;
    std::string name_;
    std::size_t samples_ = 0;
    std::uint64_t dropped_ = 0;
};

}  // namespace coffer
