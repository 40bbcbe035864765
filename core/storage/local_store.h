#pragma once

#include <memory>
#include <set>
#include <string>

#include "core/base/guarded.h"
#include "core/storage/disk.h"
#include "core/storage/object_store.h"
#include "core/storage/reader_cache.h"

namespace coffer {

/// Objects as files below a folder, of the same relative path. What is not complete lives in
/// "tmp" there, which is why no object name may begin with that part. Folders, the root included,
/// are made when the first object needs them. Symbolic links and foreign files below the root are
/// passed over. Safe to share between threads, and several stores or processes may use one root.
class LocalStore : public ObjectStore {
  public:
    /// Touches nothing yet. `disk` must outlive the store and its writers, as must the store its
    /// writers. `program` (letters) tells what is not complete from that of other programs.
    LocalStore(Disk& disk, const std::string& root, const std::string& program = {});

    std::unique_ptr<ObjectWriter> create(std::string_view name) override;
    void put(std::string_view name, ByteView data) override;
    void read(std::string_view name, std::uint64_t offset, std::span<std::uint8_t> out) override;
    std::optional<std::uint64_t> size(std::string_view name) override;
    void list(std::string_view prefix,
              const std::function<void(std::string_view name, std::uint64_t size)>& each) override;
    void remove(std::string_view name) override;
    std::optional<std::uint64_t> freeSpace() override;

    /// Removes what crashed writers left behind, but for those of another program. Only for who
    /// knows that nobody else of this program is writing, nor one without a name.
    void clearTemporary();

  private:
    class TemporaryFile;
    class Writer;

    std::string pathOf(std::string_view name) const;
    void publishDurably(TemporaryFile& file, const std::string& path, bool replace);
    void ensureFolder(const std::string& path);
    void makeRoot(const std::string& path);
    void syncAbove(const std::string& path, bool required);
    void listFolder(const std::string& folder,
                    const std::function<void(std::string_view, std::uint64_t)>& each);

    Disk& disk_;
    const std::string root_;
    const std::string temporary_;
    const std::string mine_;                       // names of temporary files begin with it
    Guarded<std::set<std::string>> knownFolders_;  // exist, and so durably
    ReaderCache readers_;
};

}  // namespace coffer
