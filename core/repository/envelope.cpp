#include "core/repository/envelope.h"

#include "core/base/error.h"

namespace coffer {

WireWriter beginObject(std::string_view magic, std::uint16_t version) {
    WireWriter writer;
    writer.raw(bytesOf(magic));
    writer.u16(version);
    return writer;
}

WireReader openObject(ByteView data, std::string_view magic, std::uint16_t version) {
    WireReader reader(data);
    if (textOf(reader.raw(magic.size())) != magic) {
        throw Error(ErrorCode::corrupt, "the object does not begin as it should");
    }
    const std::uint16_t found = reader.u16();
    if (found > version) {
        throw Error(ErrorCode::unsupported,
                    "written in format " + std::to_string(found) +
                        ", which needs a newer version of Coffer (this one reads up to " +
                        std::to_string(version) + ")");
    }
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
