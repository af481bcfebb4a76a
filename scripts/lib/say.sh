# Progress and failure lines shared by every script.

say() { printf '==> %s\n' "$*" >&2; }

# fail "what is wrong" "what to do": one sentence each, then stop.
fail() {
  printf 'error: %s\n' "$1" >&2
  [ -n "${2:-}" ] && printf '  do: %s\n' "$2" >&2
  exit 1
}
