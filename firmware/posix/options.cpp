#include "options.h"

#include <cstdio>
#include <cstdlib>

namespace pvf {

namespace {

[[noreturn]] void usage() {
  std::fputs(
      "pvf_node [--host IPV4] [--port N] [--house NAME] [--memory FILE]\n"
      "         [--production W] [--consumption W] [--serial N] [--scripted]\n",
      stderr);
  std::exit(2);
}

}  // namespace

Options read_options(int count, char** words) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string name = words[i];
    if (name == "--scripted") {
      options.scripted = true;
      continue;
    }
    if (++i == count) usage();
    const std::string value = words[i];
    if (name == "--host") {
      options.host = value;
    } else if (name == "--port") {
      options.port = static_cast<uint16_t>(std::strtoul(value.c_str(), nullptr, 10));
    } else if (name == "--house") {
      options.house = value;
    } else if (name == "--memory") {
      options.memory = value;
    } else if (name == "--production") {
      options.production = std::strtod(value.c_str(), nullptr);
    } else if (name == "--consumption") {
      options.consumption = std::strtod(value.c_str(), nullptr);
    } else if (name == "--serial") {
      options.serial = static_cast<uint32_t>(std::strtoul(value.c_str(), nullptr, 0));
    } else {
      usage();
    }
  }
  return options;
}

}  // namespace pvf
