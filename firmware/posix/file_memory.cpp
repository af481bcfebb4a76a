#include "file_memory.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstring>

namespace pvf {

FileMemory::FileMemory(const std::string& path) {
  std::memset(bytes_, 0xFF, sizeof(bytes_));
  if (path.empty()) return;
  file_ = open(path.c_str(), O_RDWR | O_CREAT, 0600);
  // A shorter file is one that was never written whole: the rest is empty.
  if (file_ >= 0 && pread(file_, bytes_, sizeof(bytes_), 0) < 0) file_ = -1;
}

FileMemory::~FileMemory() {
  if (file_ >= 0) close(file_);
}

void FileMemory::write(uint16_t address, uint8_t value) {
  bytes_[address] = value;
  // A full disk: from here on in RAM only, and what was whole in the file stays so.
  if (file_ >= 0 && pwrite(file_, &value, 1, address) != 1) {
    close(file_);
    file_ = -1;
  }
}

}  // namespace pvf
