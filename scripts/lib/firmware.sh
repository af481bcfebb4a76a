# Find what builds and simulates the firmware; the distribution's packages, unpacked
# into a private folder, where they are not installed.

readonly FIRMWARE_TOOLS="${TOOLS_DIR:-$ROOT/.tools}"

FIRMWARE_PACKAGES=(gcc-avr avr-libc binutils-avr arduino-core-avr libsimavr-dev
  doctest-dev)

# no_firmware_tools: say what is wrong and what to do.
no_firmware_tools() {
  printf 'error: %s\n' "the firmware's tools are missing" >&2
  printf '  do: %s\n' "install ${FIRMWARE_PACKAGES[*]} g++ make, \
or run this where apt-get can download" >&2
}

# firmware_tools_in FOLDER: whether everything is there, as under /usr.
firmware_tools_in() {
  [ -x "$1/bin/avr-g++" ] && [ -r "$1/lib/avr/include/avr/io.h" ] &&
    [ -r "$1/share/arduino/hardware/arduino/avr/boards.txt" ] &&
    [ -r "$1/include/simavr/sim_avr.h" ] && [ -r "$1/include/doctest/doctest.h" ] &&
    [ -n "$(firmware_library "$1")" ]
}

firmware_library() {
  find "$1/lib" -maxdepth 2 -name libsimavr.a 2>/dev/null | head -n 1
}

# find_firmware_tools: print the folder that has the tools, as under /usr.
find_firmware_tools() {
  local home="$FIRMWARE_TOOLS/firmware"
  command -v g++ >/dev/null 2>&1 && command -v make >/dev/null 2>&1 ||
    { say "the firmware needs a C++ compiler and make: install g++ and make"; return 1; }
  if firmware_tools_in /usr; then
    printf '/usr\n'
    return 0
  fi
  if ! firmware_tools_in "$home/usr"; then
    mkdir -p "$FIRMWARE_TOOLS"
    printf '*\n' >"$FIRMWARE_TOOLS/.gitignore"
    say "Unpacking the AVR compiler, simavr and doctest in .tools (about 25 MB)"
    debian_unpack "$home" "${FIRMWARE_PACKAGES[@]}" || return 1
    firmware_tools_in "$home/usr" ||
      { say "what was unpacked in $home is not complete"; return 1; }
  fi
  printf '%s\n' "$home/usr"
}

# find_esphome: print the folder with ESPHome, a virtual environment of its own that
# has exactly what firmware/requirements-esphome.txt says.
find_esphome() {
  local home="$FIRMWARE_TOOLS/esphome" lock="$ROOT/firmware/requirements-esphome.txt"
  local uv wanted
  wanted=$(cksum <"$lock")
  if [ "$(cat "$home/.complete" 2>/dev/null)" = "$wanted" ] &&
    "$home/bin/esphome" version >/dev/null 2>&1; then
    printf '%s\n' "$home"
    return 0
  fi
  uv=$(command -v uv 2>/dev/null) || uv="$ROOT/.python/tools/bin/uv"
  [ -x "$uv" ] || { say "there is no uv: run scripts/setup first"; return 1; }
  mkdir -p "$FIRMWARE_TOOLS"
  printf '*\n' >"$FIRMWARE_TOOLS/.gitignore"
  say "Setting up ESPHome in .tools (about 160 MB)"
  "$uv" venv --quiet --clear --python "$ROOT/.venv/bin/python" "$home" &&
    "$uv" pip sync --quiet --require-hashes --python "$home/bin/python" "$lock" ||
    { say "ESPHome could not be installed: check the network"; return 1; }
  printf '%s\n' "$wanted" >"$home/.complete"
  printf '%s\n' "$home"
}
