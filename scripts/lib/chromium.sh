# A browser for the end-to-end tests; Debian's package where none is installed.

find_chromium() {
  local name
  for name in chromium chromium-browser google-chrome; do
    command -v "$name" 2>/dev/null && return 0
  done
  return 1
}

ensure_chromium() {
  find_chromium >/dev/null && return 0
  local -a as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo -n)
  command -v apt-get >/dev/null 2>&1 && "${as_root[@]}" true 2>/dev/null ||
    fail "the end-to-end tests need Chromium, and it cannot be installed from here" \
      "install the package 'chromium' and run this again"
  say "Installing Chromium for the end-to-end tests"
  "${as_root[@]}" apt-get -qq update >&2 &&
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get -qq install --yes \
      --no-install-recommends chromium fonts-dejavu-core >/dev/null ||
    fail "Chromium could not be installed" \
      "install the package 'chromium' and run this again"
}
