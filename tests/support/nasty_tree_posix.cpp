#include <linux/fs.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "core/base/wire.h"
#include "tests/support/nasty_tree.h"
#include "tests/support/tree_builder.h"

namespace coffer {

namespace {

constexpr std::size_t KiB = 1024;
constexpr std::size_t MiB = 1024 * KiB;
constexpr std::uint64_t TiB = std::uint64_t{MiB} * MiB;

/// A value of system.posix_acl_*: owner, one more user, group, one more group, mask, others.
Bytes aclValue(std::uint32_t user, std::uint32_t group) {
    constexpr std::uint32_t nobody = 0xFFFFFFFF;
    WireWriter acl;
    acl.u32(2);  // version
    const auto entry = [&](std::uint16_t tag, std::uint16_t permissions, std::uint32_t id) {
        acl.u16(tag);
        acl.u16(permissions);
        acl.u32(id);
    };
    entry(0x01, 6, nobody);
    entry(0x02, 5, user);
    entry(0x04, 4, nobody);
    entry(0x08, 6, group);
    entry(0x10, 7, nobody);
    entry(0x20, 0, nobody);
    return acl.take();
}

/// A value of security.capability: version 2, effective, net_raw and net_admin permitted.
Bytes capabilityValue() {
    WireWriter value;
    value.u32(0x02000001);
    value.u32(0x3000);
    value.u32(0);
    value.u32(0);
    value.u32(0);
    return value.take();
}

class NastyTree {
  public:
    NastyTree(const std::string& folder, unsigned seed) : tree_(folder), dice_(seed) {}

    std::vector<std::string> make(unsigned entries) {
        makeSizes();
        makeSparse();
        makeModesAndOwners();
        makeTimes();
        makeSpecials();
        makeSymlinks();
        makeXattrs();
        makeNames();
        makeDuplicates();
        makeHardLinks();
        makeFlagged();
        makeBulk(entries);
        setTimes();
        setFlags();
        return tree_.skipped();
    }

  private:
    void folder(const std::string& path) { tree_.folder(path); }
    void file(const std::string& path, ByteView content) { tree_.file(path, content); }

    void makeSizes() {
        folder("sizes");
        folder("sizes/empty folder");
        for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{2}, 4 * KiB - 1,
                                       4 * KiB, 4 * KiB + 1, 64 * KiB, 256 * KiB - 1, 256 * KiB,
                                       256 * KiB + 1, MiB - 1, MiB, MiB + 1, 5 * MiB + 4321}) {
            file("sizes/random-" + std::to_string(size), randomContent(dice_, size));
            file("sizes/text-" + std::to_string(size), textContent(dice_, size));
        }
        file("sizes/zeros", Bytes(2 * MiB + 5));
    }

    void makeSparse() {
        folder("sparse");
        const auto data = [&](std::size_t size) { return randomContent(dice_, size); };
        tree_.sparseFile("sparse/hole at begin", 2 * MiB, {{2 * MiB - 5000, data(5000)}});
        tree_.sparseFile("sparse/hole in middle", 3 * MiB,
                         {{0, data(70000)}, {2 * MiB, data(MiB)}});
        tree_.sparseFile("sparse/hole at end", 3 * MiB + 17, {{0, data(MiB)}});
        tree_.sparseFile("sparse/hole alone", 3 * MiB + 1, {});
        tree_.sparseFile("sparse/one octet of hole", 1, {});
        tree_.sparseFile("sparse/1 TiB", TiB, {{TiB / 2 + 7, data(3)}});
        std::vector<TreeBuilder::Stretch> comb;
        for (std::uint64_t tooth = 0; tooth < 100; ++tooth) {
            comb.push_back({tooth * 64 * KiB, data(tooth % 7 == 0 ? 9000 : 4096)});
        }
        tree_.sparseFile("sparse/comb", 100 * 64 * KiB, comb);
    }

    void makeModesAndOwners() {
        folder("modes");
        for (const unsigned mode : {0u, 0111u, 0222u, 0400u, 0644u, 0777u, 04755u, 02755u, 06711u,
                                    01644u, 02644u, 07777u}) {
            const std::string name = std::to_string(mode);
            file("modes/file-" + name, bytesOf(name));
            folder("modes/folder-" + name);
            file("modes/folder-" + name + "/inside", bytesOf(name));
            for (const std::string& path : {"modes/file-" + name, "modes/folder-" + name}) {
                tree_.owner(path, mode, mode + 1);
                tree_.mode(path, mode);  // behind the owner, which takes setuid away
            }
        }
        for (const std::uint32_t id : {1u, 1000u, 65534u, 65536u, 0x7FFFFFFFu, 0xFFFFFFF0u}) {
            const std::string path = "modes/owner-" + std::to_string(id);
            file(path, bytesOf(path));
            tree_.owner(path, id, 0xFFFFFFF1u - id);
        }
    }

    void makeTimes() {
        folder("times");
        constexpr std::array<std::int64_t, 9> moments{
            -2'147'483'648, -1, 0, 1, 2'147'483'647, 2'147'483'648, 4'102'444'800, 13'569'465'600,
            15'032'385'535};
        for (const std::int64_t seconds : moments) {
            const std::string path = "times/" + std::to_string(seconds);
            tree_.file(path, bytesOf(path));
            tree_.time(path, seconds, seconds % 2 == 0 ? 0 : 999'999'999);
        }
        tree_.symlink("times/symlink", "0");
        tree_.time("times/symlink", -1'000'000, 1);
        tree_.folder("times/folder");
        tree_.time("times/folder", -1'000'000'000, 123'456'789);
    }

    void makeSpecials() {
        folder("special");
        tree_.node("special/fifo", S_IFIFO | 0640);
        tree_.node("special/socket", S_IFSOCK | 0755);
        tree_.node("special/null", S_IFCHR | 0666, 1, 3);
        tree_.node("special/character", S_IFCHR | 0600, 4095, 1048575);
        tree_.node("special/block", S_IFBLK | 0660, 7, 300);
        tree_.owner("special/fifo", 1234, 4321);
        tree_.xattr("special/fifo", "trusted.fifo", bytesOf("on a fifo"));
        tree_.xattr("special/null", "system.posix_acl_access", aclValue(7, 8));
    }

    void makeSymlinks() {
        folder("symlinks");
        tree_.symlink("symlinks/dangling", "no such thing");
        tree_.symlink("symlinks/absolute", "/etc/passwd");
        tree_.symlink("symlinks/to folder", "../sizes");
        tree_.symlink("symlinks/self", "self");
        tree_.symlink("symlinks/root", "/");
        tree_.symlink("symlinks/not UTF-8", "\xFF\xFE\x80");
        tree_.symlink("symlinks/newline", "a\nb");
        for (const unsigned length : {59u, 60u, 61u, 255u, 1023u, 4095u}) {
            tree_.symlink("symlinks/" + std::to_string(length), std::string(length, 't'));
        }
        tree_.symlink("symlinks/owned", "x");
        tree_.owner("symlinks/owned", 111, 222);
        tree_.xattr("symlinks/owned", "trusted.on-symlink", bytesOf("value"));
    }

    void makeXattrs() {
        folder("xattrs");
        const auto made = [&](const std::string& name) {
            const std::string path = "xattrs/" + name;
            file(path, bytesOf(name));
            return path;
        };
        tree_.xattr(made("empty"), "user.empty", {});
        const std::string several = made("several");
        for (unsigned i = 0; i < 20; ++i) {
            tree_.xattr(several, "user.number-" + std::to_string(i), randomContent(dice_, i * 5));
        }
        tree_.xattr(several, "user.\xFF\n\x01", bytesOf("odd name"));
        tree_.xattr(several, "user." + std::string(250, 'n'), bytesOf("long name"));
        tree_.xattr(made("3000"), "user.large", randomContent(dice_, 3000));
        tree_.xattr(made("64 KiB"), "user.largest", randomContent(dice_, 64 * KiB));
        tree_.xattr(made("trusted"), "trusted.coffer", bytesOf(std::string_view("\0\xFF", 2)));
        tree_.xattr(made("security"), "security.coffer", bytesOf("label"));
        tree_.xattr(made("capability"), "security.capability", capabilityValue());
        tree_.xattr(made("acl"), "system.posix_acl_access", aclValue(1000, 2000));
        folder("xattrs/folder");
        tree_.xattr("xattrs/folder", "system.posix_acl_access", aclValue(3000, 4000));
        tree_.xattr("xattrs/folder", "system.posix_acl_default", aclValue(5000, 6000));
        tree_.xattr("xattrs/folder", "user.folder", bytesOf("value"));
        file("xattrs/folder/inherits", bytesOf("from the default ACL"));
        folder("xattrs/folder/inherits too");
    }

    void makeNames() {
        folder("names");
        folder("names/octets");
        for (int octet = 1; octet < 256; ++octet) {
            const char c = static_cast<char>(octet);
            if (c == '/') continue;
            const std::string name = c == '.' ? std::string("...") : std::string(1, c);
            file("names/octets/" + name, bytesOf(name));
        }
        const std::array<std::string, 18> odd{std::string(255, 'n'),
                                              std::string(255, '\xFF'),
                                              "new\nline",
                                              "-rf",
                                              " ",
                                              "trailing ",
                                              ".hidden",
                                              "a\\b",
                                              "$(x)",
                                              "*",
                                              "[a]",
                                              "\"quoted\"",
                                              "CASE",
                                              "case",
                                              "\xC3\xA9",
                                              "e\xCC\x81",
                                              "\xED\xA0\x80",
                                              "\x1B[31mred"};
        for (const std::string& name : odd) file("names/" + name, bytesOf(name));
        tree_.deepFolders("names/deep", std::string(200, 'd'), 30);
        tree_.deepFolders("names/narrow", "x", 300);
    }

    void makeDuplicates() {
        folder("duplicates");
        Bytes large = randomContent(dice_, 3 * MiB);
        for (const char* name : {"a", "b", "c"}) {
            file("duplicates/large-" + std::string(name), large);
            file("duplicates/small-" + std::string(name), bytesOf("the same few octets"));
        }
        large.insert(large.begin() + MiB + 11, {1, 2, 3});
        file("duplicates/shifted", large);
        Bytes appended = large;
        append(appended, textContent(dice_, 50000));
        file("duplicates/appended", appended);
    }

    void makeHardLinks() {
        folder("links");
        folder("links/one");
        folder("links/two");
        file("links/one/file", textContent(dice_, 100'000));
        tree_.link("links/one/file", "links/two/same file");
        tree_.link("links/one/file", "links/and once more");
        tree_.symlink("links/one/symlink", "target");
        tree_.link("links/one/symlink", "links/two/same symlink");
        tree_.link("special/fifo", "links/two/same fifo");
        tree_.link("special/null", "links/two/same device");
        tree_.link("xattrs/several", "links/with attributes");
        tree_.link("sparse/hole in middle", "links/sparse");
        file("links/empty", {});
        tree_.link("links/empty", "links/empty too");
    }

    void makeBulk(unsigned entries) {
        folder("bulk");
        std::vector<std::string> folders{"bulk"};
        std::string lastFile;
        for (unsigned number = 0; tree_.made() < entries; ++number) {
            const std::string parent = folders[dice_.below(folders.size())];
            const std::string path = parent + "/" + bulkName(number);
            const std::uint64_t kind = dice_.below(100);
            if (kind < 10) {
                folder(path);
                if (path.size() < 2000) folders.push_back(path);
            } else if (kind < 90 || lastFile.empty()) {
                file(path, bulkContent());
                if (dice_.oneIn(20)) tree_.xattr(path, "user.bulk", randomContent(dice_, 30));
                if (dice_.oneIn(10)) tree_.owner(path, number, number / 2);
                lastFile = path;
            } else if (kind < 95) {
                tree_.symlink(path, "../" + bulkName(number / 2));
            } else if (kind < 98) {
                tree_.link(lastFile, path);
            } else {
                tree_.node(path, S_IFIFO | 0600);
            }
        }
    }

    std::string bulkName(unsigned number) const {
        return (number % 3 == 0 ? "entry \xC3\xA4 " : "e") + std::to_string(number);
    }

    Bytes bulkContent() {
        if (dice_.oneIn(15)) return {};
        if (dice_.oneIn(8)) {
            Dice repeated(dice_.below(20));  // one of a few contents
            return textContent(repeated, 20'000);
        }
        const std::size_t size = dice_.oneIn(50) ? dice_.below(600'000) : dice_.below(20'000);
        return dice_.oneIn(3) ? randomContent(dice_, size) : textContent(dice_, size);
    }

    /// Behind all but the flags, and inner entries first, for making an entry touches its folder.
    void setTimes() {
        const std::vector<std::string>& paths = tree_.paths();
        for (auto path = paths.rbegin(); path != paths.rend(); ++path) {
            if (path->starts_with("times/")) continue;
            const auto seconds = static_cast<std::int64_t>(dice_.below(1'700'000'000));
            tree_.time(*path, seconds, static_cast<std::uint32_t>(dice_.below(1'000'000'000)));
        }
    }

    void makeFlagged() {
        tree_.folder("flags");
        for (const char* path : {"flags/immutable", "flags/append only", "flags/no atime"}) {
            tree_.file(path, bytesOf(path));
        }
        tree_.folder("flags/immutable folder");
        tree_.file("flags/immutable folder/inside", bytesOf("inside"));
    }

    /// Last: nothing may be changed any more.
    void setFlags() {
        tree_.flags("flags/no atime", FS_NOATIME_FL);
        tree_.flags("flags/append only", FS_APPEND_FL);
        tree_.flags("flags/immutable folder", FS_IMMUTABLE_FL | FS_SYNC_FL);
        tree_.flags("flags/immutable", FS_IMMUTABLE_FL);
    }

    TreeBuilder tree_;
    Dice dice_;
};

}  // namespace

std::vector<std::string> makeNastyTree(const std::string& folder, unsigned entries, unsigned seed) {
    return NastyTree(folder, seed).make(entries);
}

}  // namespace coffer
