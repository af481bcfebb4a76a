// Runs the firmware of a board in simavr: injects waveforms, lines and faults, writes
// what the board says, and at its end what it cost.
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <vector>

extern "C" {
#include <avr_adc.h>
#include <avr_eeprom.h>
#include <avr_ioport.h>
#include <avr_spi.h>
#include <avr_uart.h>
#include <sim_avr.h>
}

#include "w5500_model.h"

namespace {

constexpr double kClock = 16e6;

struct Event {
  double at;
  std::string what;
};

struct Simulation {
  avr_t* avr = nullptr;
  W5500Model chip;
  std::mt19937 random{1};
  std::normal_distribution<double> normal;
  std::map<std::string, double> wave = {
      {"hertz", 50.0}, {"volts", 230.0}, {"noise", 0.5}, {"bias", 0.0}};
  std::vector<Event> events;
  size_t next_event = 0;
  // In cycles, for what is asked after every instruction.
  uint64_t event_due = UINT64_MAX;
  uint64_t byte_due = 0;
  std::string typed;
  std::string line;
  bool transmitter = false;
  uint8_t relays = 0;
  char relay_port = 'D';
  uint8_t relay_mask = 0xC0;
  uint64_t interrupt_cycles = 0;
  uint64_t longest_interrupt = 0;
  uint16_t deepest = 0xFFFF;

  double time() const { return static_cast<double>(avr->cycle) / kClock; }
  static uint64_t cycles(double seconds) {
    return static_cast<uint64_t>(seconds * kClock);
  }
  void plan_event() {
    event_due = next_event < events.size() ? cycles(events[next_event].at) : UINT64_MAX;
  }
  double value(const std::string& key) {
    const auto found = wave.find(key);
    return found == wave.end() ? 0.0 : found->second;
  }
};

// A current of peak 1: a sine with a third harmonic, or one that a dimmer lets through
// only from an angle on in each half of it.
double shape(double angle, double third, double cut_degrees) {
  const double half = std::fmod(angle, M_PI) + (std::fmod(angle, M_PI) < 0.0 ? M_PI : 0.0);
  if (half < cut_degrees * M_PI / 180.0) return 0.0;
  return std::sin(angle) + third * std::sin(3.0 * angle);
}

// 0 is the voltage: 300 counts of peak for 230 V. Others: amperes at 62 ohm.
int code_of(Simulation& sim, unsigned input, double when) {
  const double angle = 2.0 * M_PI * sim.value("hertz") * when;
  double counts = sim.value("bias") + sim.normal(sim.random) * sim.value("noise");
  if (input == 0) {
    counts += sim.value("volts") / 230.0 * 300.0 * std::sin(angle);
  } else {
    const std::string n = std::to_string(input);
    const double lag = sim.value("lag" + n) * M_PI / 180.0;
    const double scale = 5.0 / 1024.0 * 2000.0 / 62.0;
    counts += sim.value("amps" + n) * std::sqrt(2.0) / scale *
              shape(angle - lag, sim.value("third" + n), sim.value("cut" + n));
  }
  return static_cast<int>(std::fmin(1023.0, std::fmax(0.0, std::round(512.0 + counts))));
}

void on_conversion(avr_irq_t*, uint32_t value, void* param) {
  Simulation& sim = *static_cast<Simulation*>(param);
  union {
    avr_adc_mux_t mux;
    uint32_t word;
  } trigger = {.word = value};
  const unsigned input = trigger.mux.src;
  // The sample is held 1.5 clocks of the converter after its start.
  const int code = code_of(sim, input, sim.time() + 12e-6);
  const uint32_t millivolts = static_cast<uint32_t>(std::ceil(code * 5000.0 / 1023.0));
  avr_raise_irq(avr_io_getirq(sim.avr, AVR_IOCTL_ADC_GETIRQ,
                              static_cast<int>(ADC_IRQ_ADC0 + input)),
                millivolts);
}

// In whole lines, so that nothing of the simulator's own comes between.
void on_byte(avr_irq_t*, uint32_t value, void* param) {
  std::string& line = static_cast<Simulation*>(param)->line;
  line += static_cast<char>(value);
  if (line.back() != '\n') return;
  std::fwrite(line.data(), 1, line.size(), stdout);
  line.clear();
}

void on_pin(avr_irq_t*, uint32_t value, void* param) {
  Simulation& sim = *static_cast<Simulation*>(param);
  const uint8_t now = static_cast<uint8_t>(value & sim.relay_mask);
  if (now == sim.relays) return;
  sim.relays = now;
  std::printf("# relays %02x at %.3f\n", now, sim.time());
}

void on_select(avr_irq_t*, uint32_t value, void* param) {
  static_cast<Simulation*>(param)->chip.select(value == 0);
}

void on_spi(avr_irq_t*, uint32_t value, void* param) {
  Simulation& sim = *static_cast<Simulation*>(param);
  const uint8_t answer = sim.chip.transfer(static_cast<uint8_t>(value));
  avr_raise_irq(avr_io_getirq(sim.avr, AVR_IOCTL_SPI_GETIRQ(0), SPI_IRQ_INPUT), answer);
}

// `name=value` changes the wave; `say TEXT` types a line; `stall` stops the timer that
// starts conversions; `unplug` and `plug` move the network cable; `brownout` takes the
// Ethernet chip's power for a moment; `reset` presses the button.
void happen(Simulation& sim, const std::string& what) {
  std::printf("# %s at %.3f\n", what.c_str(), sim.time());
  if (what.rfind("say ", 0) == 0) {
    sim.typed += what.substr(4) + "\r\n";
  } else if (what == "stall") {
    constexpr unsigned kTimerMask = 0x6F;
    sim.avr->data[kTimerMask] = 0;
  } else if (what == "unplug" || what == "plug") {
    sim.chip.unplug(what == "unplug");
  } else if (what == "brownout") {
    sim.chip.lose_power();
  } else if (what == "reset") {
    avr_reset(sim.avr);
  } else {
    const size_t split = what.find('=');
    sim.wave[what.substr(0, split)] = std::strtod(what.c_str() + split + 1, nullptr);
  }
}

void connect(Simulation& sim, bool mega) {
  avr_t* avr = sim.avr;
  avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_ADC_GETIRQ, ADC_IRQ_OUT_TRIGGER),
                          on_conversion, &sim);
  uint32_t flags = 0;
  avr_ioctl(avr, AVR_IOCTL_UART_GET_FLAGS('0'), &flags);
  // Nor may it sleep where the firmware waits for a byte to leave.
  flags &= ~static_cast<uint32_t>(AVR_UART_FLAG_STDIO | AVR_UART_FLAG_POLL_SLEEP);
  avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
  avr_irq_register_notify(
      avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT), on_byte, &sim);
  if (mega) {
    sim.relay_port = 'A';
    sim.relay_mask = 0x0F;
  }
  avr_irq_register_notify(
      avr_io_getirq(avr, static_cast<uint32_t>(AVR_IOCTL_IOPORT_GETIRQ(sim.relay_port)),
                    IOPORT_IRQ_PIN_ALL),
      on_pin, &sim);
  avr_irq_register_notify(
      avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ('B'), mega ? 4 : 2), on_select, &sim);
  avr_irq_register_notify(
      avr_io_getirq(avr, AVR_IOCTL_SPI_GETIRQ(0), SPI_IRQ_OUTPUT), on_spi, &sim);
}

// One byte at a time, as fast as the line is.
void type(Simulation& sim) {
  if (sim.typed.empty() || sim.avr->cycle < sim.byte_due) return;
  avr_raise_irq(
      avr_io_getirq(sim.avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_INPUT),
      static_cast<uint8_t>(sim.typed[0]));
  sim.typed.erase(0, 1);
  sim.byte_due = sim.avr->cycle + Simulation::cycles(10.0 / 115200.0);
}

double wall() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + now.tv_nsec * 1e-9;
}

// simavr forgets that the transmitter is empty when its control register is written.
void empty_transmitter(Simulation& sim) {
  constexpr unsigned kStatus = 0xC0, kControl = 0xC1;
  const bool on = (sim.avr->data[kControl] & 0x08) != 0;
  if (on && !sim.transmitter) sim.avr->data[kStatus] |= 0x20;
  sim.transmitter = on;
}

// Takes events from standard input, a line each; returns false at its end.
bool listen(Simulation& sim) {
  static std::string rest;
  pollfd input{STDIN_FILENO, POLLIN, 0};
  if (poll(&input, 1, 0) <= 0) return true;
  char text[512];
  const ssize_t size = read(STDIN_FILENO, text, sizeof(text));
  if (size <= 0) return false;
  rest.append(text, static_cast<size_t>(size));
  for (size_t end; (end = rest.find('\n')) != std::string::npos;) {
    happen(sim, rest.substr(0, end));
    rest.erase(0, end + 1);
  }
  return true;
}

// Returns whether it ran to its end.
bool run(Simulation& sim, double seconds, bool paced, bool live) {
  double start = wall();
  uint64_t entered = 0;
  uint64_t polled = 0;
  const uint64_t end = Simulation::cycles(seconds);
  sim.plan_event();
  while (sim.avr->cycle < end) {
    while (sim.avr->cycle >= sim.event_due) {
      happen(sim, sim.events[sim.next_event++].what);
      sim.plan_event();
    }
    const uint64_t before = sim.avr->cycle;
    const bool inside = sim.avr->interrupts.running_ptr > 0;
    const int state = avr_run(sim.avr);
    empty_transmitter(sim);
    if (state == cpu_Done || state == cpu_Crashed) return false;
    if (inside) {
      sim.interrupt_cycles += sim.avr->cycle - before;
      entered += sim.avr->cycle - before;
      if (entered > sim.longest_interrupt) sim.longest_interrupt = entered;
    } else {
      entered = 0;
    }
    const uint16_t stack =
        static_cast<uint16_t>(sim.avr->data[0x5D] | sim.avr->data[0x5E] << 8);
    // Before the stack is set up its pointer is nothing.
    if (stack > 0x200 && stack < sim.deepest) sim.deepest = stack;
    type(sim);
    if (sim.avr->cycle - polled > 16000) {
      polled = sim.avr->cycle;
      // What the board did is known before anybody hears of it over the network.
      std::fflush(stdout);
      sim.chip.poll();
      if (live && !listen(sim)) return true;
      const double ahead = sim.time() - (wall() - start);
      // A board never runs faster than the world around it, not even to catch up: what
      // that does by its own clock, a lease's renewal, would come too late.
      if (ahead < 0.0) start -= ahead;
      if (paced && ahead > 0.001) {
        const timespec rest = {0, static_cast<long>(ahead * 1e9)};
        nanosleep(&rest, nullptr);
      }
    }
  }
  return true;
}

void eeprom(Simulation& sim, const std::string& path, bool store) {
  std::vector<uint8_t> bytes(sim.avr->e2end + 1u, 0xFF);
  avr_eeprom_desc_t all = {bytes.data(), 0, static_cast<uint32_t>(bytes.size())};
  if (store) {
    avr_ioctl(sim.avr, AVR_IOCTL_EEPROM_GET, &all);
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(all.ee), static_cast<long>(bytes.size()));
    return;
  }
  std::ifstream in(path, std::ios::binary);
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<long>(bytes.size()));
  avr_ioctl(sim.avr, AVR_IOCTL_EEPROM_SET, &all);
}

}  // namespace

// pvf_sim MCU FIRMWARE.bin SECONDS [--eeprom FILE] [--broker PORT] [--time UNIX]
//         [--at SECONDS EVENT]... [--live 1]
// With --live it takes events from its standard input as well, and ends with it.
int main(int count, char** words) {
  if (count < 4) return 2;
  Simulation sim;
  const std::string mcu = words[1];
  std::string memory;
  bool paced = false;
  bool live = false;
  for (int i = 4; i + 1 < count; i += 2) {
    const std::string name = words[i];
    if (name == "--eeprom") {
      memory = words[i + 1];
    } else if (name == "--broker") {
      sim.chip.set_broker(static_cast<uint16_t>(std::atoi(words[i + 1])));
      paced = true;
    } else if (name == "--live") {
      live = true;
    } else if (name == "--time") {
      sim.chip.set_time(static_cast<uint32_t>(std::strtoul(words[i + 1], nullptr, 10)));
    } else if (name == "--at" && i + 2 < count) {
      sim.events.push_back({std::strtod(words[i + 1], nullptr), words[i + 2]});
      ++i;
    }
  }
  std::ifstream file(words[2], std::ios::binary);
  std::vector<char> code((std::istreambuf_iterator<char>(file)),
                         std::istreambuf_iterator<char>());
  sim.avr = avr_make_mcu_by_name(mcu.c_str());
  if (sim.avr == nullptr || code.empty()) return 2;
  avr_init(sim.avr);
  sim.avr->frequency = static_cast<uint32_t>(kClock);
  sim.avr->vcc = sim.avr->avcc = sim.avr->aref = 5000;
  sim.avr->log = LOG_NONE;
  sim.avr->sleep = [](avr_t*, avr_cycle_count_t) {};
  avr_loadcode(sim.avr, reinterpret_cast<uint8_t*>(code.data()),
               static_cast<uint32_t>(code.size()), 0);
  sim.avr->codeend = static_cast<uint32_t>(code.size());
  if (!memory.empty()) eeprom(sim, memory, false);
  connect(sim, mcu == "atmega2560");
  const bool whole = run(sim, std::strtod(words[3], nullptr), paced, live);
  if (!memory.empty()) eeprom(sim, memory, true);
  std::printf("# end {\"whole\":%s,\"stack\":%u,\"isr\":%.4f,\"isr_longest\":%llu}\n",
              whole ? "true" : "false", sim.avr->ramend - sim.deepest,
              static_cast<double>(sim.interrupt_cycles) /
                  static_cast<double>(sim.avr->cycle),
              static_cast<unsigned long long>(sim.longest_interrupt));
  return whole ? 0 : 1;
}
