// A node on an Arduino Uno or Mega 2560 with a W5500 Ethernet shield.
#include <avr/wdt.h>

#include "board_avr.h"
#include "converter.h"
#include "eeprom_memory.h"
#include "node.h"
#include "reset_cause.h"
#include "uart.h"
#include "w5500.h"
#include "w5500_link.h"
#if PVF_FULL
#include "one_wire.h"
#include "time_client.h"
#endif

namespace {

pvf::AvrBoard board;
pvf::EepromMemory memory;
pvf::Uart uart;
pvf::W5500 chip;
pvf::W5500Link network(chip);
pvf::Node node(board, memory, network, uart, pvf::uart_lines());
#if PVF_FULL
pvf::SensorReader sensors;
pvf::TimeClient time_client(chip);
#endif

}  // namespace

void setup() {
  board.begin();
  uart.begin();
  pvf::converter_begin();
  node.begin(pvf::reset_by_watchdog(), pvf::converter_noise());
  chip.begin();
  network.follow(node.state().config);
  // An old bootloader that does not know watchdog resets would loop here for ever.
  wdt_enable(WDTO_4S);
}

void loop() {
  static uint8_t heartbeat;
  pvf::Sampler& sampler = pvf::converter();
  if (const pvf::Window* window = sampler.ready()) {
    node.measure(*window);
    sampler.release();
  }
#if PVF_FULL
  if (node.network_changed()) time_client.set_server(node.state().config.time_server);
  uint32_t seconds;
  if (time_client.step(millis(), seconds)) node.set_time(seconds);
  sensors.step(millis(), node);
#endif
  node.step(millis());
  // Fed only while samples come: a converter that stands still is a fault as well.
  if (sampler.heartbeat() != heartbeat) {
    heartbeat = sampler.heartbeat();
    wdt_reset();
  }
}
