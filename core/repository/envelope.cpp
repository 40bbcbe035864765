#include "core/repository/envelope.h"

#include <string>

#include "core/base/error.h"

namespace coffer {

WireWriter beginObject(std::string_view magic, std::uint16_t version) {
    WireWriter writer;
    writer.raw(bytesOf(magic));
    writer.u16(version);
    return writer;
}

void checkVersion(std::uint64_t found, std::uint64_t known) {
    if (found == known) return;
    throw Error(ErrorCode::unsupported,
                "written in format " + std::to_string(found) +
                    (found > known ? ", which needs a newer version of Coffer (this one reads "
                                   : ", which was never released and is not read any more (this "
                                     "version reads ") +
                    "format " + std::to_string(known) + ")");
}

WireReader openObject(ByteView data, std::string_view magic, std::uint16_t version) {
    WireReader reader(data);
    if (textOf(reader.raw(magic.size())) != magic) {
        throw Error(ErrorCode::corrupt, "the object does not begin as it should");
    }
    checkVersion(reader.u16(), version);
    return reader;
}

Bytes signObject(WireWriter& writer, const SigningKey& key, std::string_view purpose) {
    const Signature signature = key.sign(purpose, writer.bytes());
    writer.raw(signature.view());
    return writer.take();
}

void checkObjectSignature(ByteView data, WireReader& reader, const VerifyKey& key,
                          std::string_view purpose) {
    const ByteView message = data.first(data.size() - reader.remaining());
    const auto signature = reader.id<Signature>();
    reader.expectEnd();
    verifySignature(key, purpose, message, signature);
}

}  // namespace coffer
