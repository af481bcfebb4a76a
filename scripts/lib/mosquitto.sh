# Find an MQTT broker for the tests and the demo, and print its path; the
# distribution's package, unpacked into a private folder, where none is installed.

readonly TOOLS_DIR="${TOOLS_DIR:-$ROOT/.tools}"

mosquitto_installed() {
  local path
  for path in "$(command -v mosquitto 2>/dev/null)" /usr/sbin/mosquitto \
    /usr/local/sbin/mosquitto /opt/homebrew/sbin/mosquitto; do
    [ -n "$path" ] && [ -x "$path" ] && printf '%s\n' "$path" && return 0
  done
  return 1
}

mosquitto_version() { "$1" -h 2>/dev/null | head -n 1 | grep '^mosquitto version'; }

# Asked for help it ends with a code that is not 0.
mosquitto_runs() { [ -n "$(mosquitto_version "$1" || true)" ]; }

find_mosquitto() {
  local home="$TOOLS_DIR/mosquitto" run="$TOOLS_DIR/bin/mosquitto"
  mosquitto_installed && return 0
  if ! { [ -x "$run" ] && mosquitto_runs "$run"; }; then
    mkdir -p "$TOOLS_DIR/bin"
    printf '*\n' >"$TOOLS_DIR/.gitignore"
    debian_unpack "$home" mosquitto || return 1
    local libs
    libs=$(cd "$home/usr/lib" && find "$PWD" -maxdepth 1 -name '*-linux-gnu*' | head -n 1)
    printf '#!/bin/sh\nLD_LIBRARY_PATH="%s" exec "%s" "$@"\n' "$libs" \
      "$(cd "$home" && pwd)/usr/sbin/mosquitto" >"$run"
    chmod +x "$run"
    mosquitto_runs "$run" ||
      { say "the broker that was unpacked in $home does not run"; return 1; }
    say "Broker: $(mosquitto_version "$run" || true), the distribution's package, unpacked in .tools"
  fi
  printf '%s\n' "$run"
}
