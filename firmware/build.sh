#!/usr/bin/env bash
# Build the firmware, its tests and its simulators under firmware/build.
# Arguments are targets: unit, posix, avr, sim, clean; all of them without.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly ROOT
. "$ROOT/scripts/lib/say.sh"
. "$ROOT/scripts/lib/debian.sh"
. "$ROOT/scripts/lib/firmware.sh"

tools=$(find_firmware_tools) || {
  no_firmware_tools
  exit 69
}
[ $# -gt 0 ] || set -- unit posix avr sim
exec make --no-print-directory --silent -C "$ROOT/firmware" -j"$(nproc)" \
  AVR="$tools/bin/avr-" \
  ARDUINO="$tools/share/arduino/hardware/arduino/avr" \
  DOCTEST="$tools/include" SIMAVR="$tools" LIBSIMAVR="$(firmware_library "$tools")" "$@"
