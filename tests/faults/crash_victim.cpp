// Changes files below the folder given, in an order the test of crash_preload knows. Prints what
// is not to be counted.

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

namespace fs = std::filesystem;

namespace {

// 5 points: create, write, sync, rename, sync of the folder.
bool publish(const fs::path& folder) {
    const fs::path temporary = folder / "temporary";
    const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0600);
    const bool written = ::write(fd, "x", 1) == 1 && ::fsync(fd) == 0;
    ::close(fd);
    fs::rename(temporary, folder / "final");
    const int folderFd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY);
    const bool synced = ::fsync(folderFd) == 0;
    ::close(folderFd);
    return written && synced;
}

// 40 points: 4 threads of 10 writes each, after the one that creates the file.
void writeTogether(const fs::path& file) {
    const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT, 0600);
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([fd] {
            for (int n = 0; n < 10; ++n) (void)!::pwrite(fd, "y", 1, n);
        });
    }
    threads.clear();
    ::close(fd);
}

}  // namespace

int main(int, char** arguments) {
    const fs::path folder = arguments[1];
    std::puts("hello");
    std::fflush(stdout);
    int pipeEnds[2];
    if (::pipe(pipeEnds) != 0 || ::write(pipeEnds[1], "x", 1) != 1) return 2;
    const int existing = ::open("/dev/null", O_WRONLY | O_CREAT, 0600);
    if (::write(existing, "x", 1) != 1) return 3;

    fs::create_directory(folder / "sub");  // 1 point
    if (!publish(folder / "sub")) return 4;
    writeTogether(folder / "shared");
    fs::remove(folder / "shared");            // 1 point
    std::ofstream(folder / "stream") << "z";  // 2 points: create and write
    return 0;
}
