#!/usr/bin/env bash
# Run ESPHome with these arguments, or print where it is without any.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly ROOT
. "$ROOT/scripts/lib/say.sh"
. "$ROOT/scripts/lib/debian.sh"
. "$ROOT/scripts/lib/firmware.sh"

home=$(find_esphome) || exit 69
[ $# -gt 0 ] || { printf '%s\n' "$home"; exit 0; }
exec "$home/bin/esphome" "$@"
