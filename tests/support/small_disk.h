// A disk that can be full.
#ifndef TIKHAUL_TESTS_SUPPORT_SMALL_DISK_H_
#define TIKHAUL_TESTS_SUPPORT_SMALL_DISK_H_

#include <sys/mount.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace tikhaul {

// A file system of its own at the path, made if need be, as small as told ("48m"). Needs the right to mount. Goes with
// the object.
class SmallDisk {
 public:
  SmallDisk(const std::string& path, const std::string& size) : path_(path) {
    std::filesystem::create_directory(path);
    mounted_ = mount("tmpfs", path.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
  }
  ~SmallDisk() {
    if (mounted_) umount2(path_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  const std::string& path() const { return path_; }
  bool mounted() const { return mounted_; }
  void Fill() {
    std::ofstream file(path_ + "/filler", std::ios::binary);
    const std::string block(4096, 'x');
    while (file.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }
  void Free() { std::filesystem::remove(path_ + "/filler"); }

 private:
  const std::string path_;
  bool mounted_ = false;
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SUPPORT_SMALL_DISK_H_
