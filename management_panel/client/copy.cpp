#include "management_panel/client/copy.h"

#include <vector>

#include "core/base/printable.h"

namespace coffer::client {

namespace {

std::string below(const std::string& folder, const std::string& name) {
    return folder.ends_with('/') ? folder + name : folder + "/" + name;
}

bool endsAll(const Error& error) {
    switch (error.code()) {
        case ErrorCode::cancelled:
        case ErrorCode::unavailable:
        case ErrorCode::loginAgain:
        case ErrorCode::gone:
        case ErrorCode::noSpace:
            return true;
        default:
            return error.endsRun();
    }
}

/// Goes through a tree with a list of what is still to be copied.
class Copying {
  public:
    Copying(CopyEnd& source, CopyEnd& target, const CopyCalls& calls, const CancelToken& cancel)
        : source_(source), target_(target), calls_(calls), cancel_(cancel) {}

    void copyFile(const std::string& from, const std::string& to) {
        const std::unique_ptr<CopyWriter> writer = target_.create(to);
        try {
            const auto take = [&](ByteView data) {
                writer->append(data);
                result_.bytes += data.size();
                if (calls_.progress) calls_.progress(result_);
            };
            source_.read(from, take, cancel_);
            writer->finish();
        } catch (...) {
            writer->abandon();
            throw;
        }
        ++result_.files;
    }

    void copyFolder(const std::string& from, const std::string& to) {
        enter(from, to);
        while (!waiting_.empty()) {
            const Step step = std::move(waiting_.back());
            waiting_.pop_back();
            cancel_.check();
            try {
                take(step);
            } catch (const Error& error) {
                if (endsAll(error)) throw;
                report(step.from, error);
            }
        }
    }

    const CopyResult& result() const { return result_; }

  private:
    struct Step {
        CopyItem::Kind kind;
        std::string from;
        std::string to;
    };

    void take(const Step& step) {
        switch (step.kind) {
            case CopyItem::Kind::file:
                return copyFile(step.from, step.to);
            case CopyItem::Kind::folder:
                return enter(step.from, step.to);
            case CopyItem::Kind::other:
                throw Error(ErrorCode::unsupported, "is neither file nor folder");
        }
    }

    // The names come before anything is copied: what lists them does not wait for files.
    void enter(const std::string& from, const std::string& to) {
        target_.makeFolder(to);
        ++result_.folders;
        source_.list(from, [&](const CopyItem& item) {
            cancel_.check();
            waiting_.push_back({item.kind, below(from, item.name), below(to, item.name)});
        });
    }

    void report(const std::string& path, const Error& error) {
        ++result_.problems;
        if (calls_.problem) calls_.problem(path, error);
    }

    CopyEnd& source_;
    CopyEnd& target_;
    const CopyCalls& calls_;
    const CancelToken& cancel_;
    std::vector<Step> waiting_;
    CopyResult result_;
};

}  // namespace

CopyResult copyThrough(CopyEnd& source, const std::string& from, CopyEnd& target,
                       const std::string& to, bool recursive, const CopyCalls& calls,
                       const CancelToken& cancel) {
    const auto item = source.look(from);
    if (!item) throw Error(ErrorCode::notFound, printable(from) + ": is not there");
    Copying copying(source, target, calls, cancel);
    if (item->kind == CopyItem::Kind::file) {
        copying.copyFile(from, to);
    } else if (item->kind == CopyItem::Kind::folder && recursive) {
        copying.copyFolder(from, to);
    } else {
        throw Error(ErrorCode::invalidArgument,
                    printable(from) + (item->kind == CopyItem::Kind::folder
                                           ? ": is a folder; -r copies it with all in it"
                                           : ": is neither file nor folder"));
    }
    return copying.result();
}

}  // namespace coffer::client
