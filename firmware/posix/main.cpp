// The node as a program: the same core as on the boards, with synthetic mains.
#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "file_memory.h"
#include "mains.h"
#include "node.h"
#include "options.h"
#include "posix_board.h"
#include "tcp_link.h"

namespace {

volatile std::sig_atomic_t stopped = 0;

struct Output final : pvf::Sink {
  void put(char c) override { std::putchar(c); }
};

// A node with everything it needs.
class Program {
 public:
  explicit Program(const pvf::Options& options)
      : memory_(options.memory),
        link_(options.host, options.port),
        node_(board_, memory_, link_, output_, lines_) {
    mains_.set(options.production, options.consumption);
    node_.begin(false, options.serial);
    configure("{\"casa\":\"" + options.house + "\",\"rele_attivi\":true}");
    configure("{\"rele\":1,\"min_on_s\":0,\"min_off_s\":0}");
    configure("{\"rele\":2,\"min_on_s\":60,\"min_off_s\":0}");
  }

  void advance(uint32_t ms) {
    mains_.play(sampler_, node_.state().config, ms);
    if (const pvf::Window* window = sampler_.ready()) {
      node_.measure(*window);
      sampler_.release();
    }
    now_ += ms;
    node_.step(now_);
  }

  // Between lines for the node: `+s` lets time pass, `@t` sets the clock, `=p c` the
  // powers, `!0` and `!1` unplug and plug in the voltage input.
  void script() {
    char text[1024];
    while (std::fgets(text, sizeof(text), stdin) != nullptr) {
      char* rest = text + 1;
      switch (text[0]) {
        case '+':
          for (long ms = std::lround(std::strtod(rest, nullptr) * 1000); ms > 0;
               ms -= 100) {
            advance(100);
          }
          break;
        case '@':
          node_.set_time(static_cast<uint32_t>(std::strtoul(rest, nullptr, 10)));
          break;
        case '=': {
          const double production = std::strtod(rest, &rest);
          mains_.set(production, std::strtod(rest, nullptr));
          break;
        }
        case '!':
          mains_.set_voltage(rest[0] == '1');
          break;
        default:
          for (const char* c = text; *c != '\0'; ++c) lines_.put(*c);
          node_.step(now_);
      }
      std::puts(".");
      std::fflush(stdout);
    }
  }

  // By the machine's clock, until a signal comes.
  void run() {
    using Clock = std::chrono::steady_clock;
    const Clock::time_point start = Clock::now();
    uint32_t played = 0;
    node_.set_time(static_cast<uint32_t>(std::time(nullptr)));
    while (stopped == 0) {
      pollfd input{STDIN_FILENO, POLLIN, 0};
      poll(&input, 1, 10);
      char text[256];
      if ((input.revents & POLLIN) != 0) {
        const ssize_t size = read(STDIN_FILENO, text, sizeof(text));
        for (ssize_t i = 0; i < size; ++i) lines_.put(text[i]);
      }
      const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(
          Clock::now() - start);
      const uint32_t now = static_cast<uint32_t>(passed.count());
      for (; played + 10 <= now; played += 10) advance(10);
      std::fflush(stdout);
    }
  }

 private:
  // As over the serial line, so that nothing has another way in.
  void configure(const std::string& body) {
    struct Lines final : pvf::Sink {
      explicit Lines(pvf::LineReader& reader) : lines(reader) {}
      void put(char c) override { lines.put(c); }
      pvf::LineReader& lines;
    } sink(lines_);
    pvf::LineWriter line(sink);
    line.begin();
    line.text(("conf " + body).c_str());
    line.end();
    node_.step(now_);
  }

  pvf::PosixBoard board_;
  pvf::FileMemory memory_;
  pvf::TcpLink link_;
  Output output_;
  pvf::LineReader lines_{};
  pvf::Node node_;
  pvf::Sampler sampler_{};
  pvf::Mains mains_;
  uint32_t now_ = 0;
};

}  // namespace

int main(int count, char** words) {
  const pvf::Options options = pvf::read_options(count, words);
  std::signal(SIGINT, [](int) { stopped = 1; });
  std::signal(SIGTERM, [](int) { stopped = 1; });
  Program program(options);
  if (options.scripted) {
    program.script();
  } else {
    program.run();
  }
}
