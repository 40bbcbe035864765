#include "rescue/manifest_segment.h"

#include <algorithm>
#include <optional>

#include "rescue/object_head.h"

namespace coffer::rescue {

namespace {

constexpr std::size_t headSize = 10;
constexpr std::uint64_t bodyLimit = 64 * 1024;
constexpr std::size_t smallestBody = 8 + 32 + 2 + 1;  // sequence, previous, time, type

struct Frame {
    ByteView body;
    std::size_t size = 0;  // of body, its length and signature
};

// Spares a search most of the signatures: no manifest comes to 2^40 records.
bool hasNoSequence(ByteView body) {
    return body[5] != 0 || body[6] != 0 || body[7] != 0;
}

// The record that begins here, if its signature holds.
std::optional<Frame> frameAt(ByteView octets, const VerifyKey& server) {
    try {
        WireReader in(octets);
        const ByteView body = in.sized(bodyLimit);
        const auto signature = in.id<Signature>();
        if (body.size() < smallestBody || hasNoSequence(body)) return std::nullopt;
        verifySignature(server, "coffer manifest record", body, signature);
        return Frame{body, octets.size() - in.remaining()};
    } catch (const Error&) {
        return std::nullopt;
    }
}

}  // namespace

void readSegment(ByteView segment, const VerifyKey& server, ProblemReport& report,
                 const std::function<void(ByteView body)>& each) {
    WireReader in(segment);
    // The head is not signed, the records are: a damaged head costs none of them. Another version
    // signs its records for another purpose, so that none of them holds here.
    report.attempt("head", [&] { readObjectHead(in, "CofferMf"); });
    ByteView rest = segment.subspan(std::min(headSize, segment.size()));
    while (!rest.empty()) {
        std::size_t skipped = 0;
        auto frame = frameAt(rest, server);
        while (!frame && ++skipped < rest.size()) frame = frameAt(rest.subspan(skipped), server);
        if (skipped > 0) {
            report.add(std::to_string(skipped) + " octets from " +
                       std::to_string(segment.size() - rest.size()) +
                       " on hold no record that the server signed");
        }
        if (!frame) return;
        each(frame->body);
        rest = rest.subspan(skipped + frame->size);
    }
}

}  // namespace coffer::rescue
