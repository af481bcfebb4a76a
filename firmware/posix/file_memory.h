// The memory that survives power cuts, in a file; without one, in RAM only.
#pragma once

#include <cstdint>
#include <string>

#include "limits.h"
#include "memory.h"

namespace pvf {

class FileMemory final : public Memory {
 public:
  explicit FileMemory(const std::string& path);
  ~FileMemory();
  FileMemory(const FileMemory&) = delete;
  FileMemory& operator=(const FileMemory&) = delete;

  uint8_t read(uint16_t address) const override { return bytes_[address]; }
  void write(uint16_t address, uint8_t value) override;
  bool ready() const override { return true; }

 private:
  uint8_t bytes_[kMemorySize];
  int file_ = -1;
};

}  // namespace pvf
