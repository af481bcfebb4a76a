# Unpack Debian's or Ubuntu's packages into a private folder: no root needed, nothing
# on the machine changes.

# debian_sources: the distribution's own sources as this machine has them, a line each.
# Other repositories stay out: they may be away, and have nothing that is needed.
debian_sources() {
  local uri suite component name keyring
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
    'Created-By: Packages' 2>/dev/null | sort -u |
    while read -r uri suite component; do
      case ${uri%/} in
        */debian | */debian-security) name=debian ;;
        */ubuntu | */ubuntu-ports | mirror+file:*) name=ubuntu ;;
        *) continue ;;
      esac
      keyring=/usr/share/keyrings/$name-archive-keyring.gpg
      [ -r "$keyring" ] || continue
      printf 'deb [signed-by=%s] %s %s %s\n' "$keyring" "$uri" "$suite" "$component"
    done
}

# debian_download STATE STATUS SOURCES PACKAGE...: fetch the packages, and those they
# need that the dpkg status file STATUS does not list, into STATE/cache/archives.
debian_download() {
  local state=$1 status=$2 sources=$3
  shift 3
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial" || return 1
  printf '%s\n' "$sources" >"$state/sources.list"
  local -a apt=(apt-get -qq -o "Dir::State=$state" -o "Dir::State::status=$status"
    -o "Dir::State::lists=$state/lists" -o "Dir::Cache=$state/cache"
    -o "Dir::Etc::SourceList=$state/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o Dir::Etc::PreferencesParts=/dev/null -o "APT::Sandbox::User=$(id -un)"
    -o Acquire::Languages=none -o Acquire::Retries=2 -o Debug::NoLocking=1)
  "${apt[@]}" update >&2 || return 1
  "${apt[@]}" install --download-only --no-install-recommends --yes "$@" >&2
}

# debian_unpack FOLDER PACKAGE...: the packages of this machine's own release, with
# what they need and the machine lacks, under FOLDER. Does nothing where it is done.
debian_unpack() {
  local folder=$1
  shift
  [ "$(cat "$folder/.unpacked" 2>/dev/null)" = "$*" ] && return 0
  local sources archive fresh="$folder.new" why
  why="no packages could be unpacked for $1"
  command -v apt-get >/dev/null 2>&1 && command -v dpkg >/dev/null 2>&1 ||
    { say "$why: this is no Debian or Ubuntu"; return 1; }
  sources=$(debian_sources)
  [ -n "$sources" ] || { say "$why: apt knows no source of the distribution"; return 1; }
  rm -rf "$fresh" "$folder.apt"
  mkdir -p "$fresh"
  debian_download "$folder.apt" /var/lib/dpkg/status "$sources" "$@" ||
    { say "$why: they could not be downloaded"; rm -rf "$fresh" "$folder.apt"; return 1; }
  for archive in "$folder.apt"/cache/archives/*.deb; do
    dpkg -x "$archive" "$fresh" ||
      { say "$why: ${archive##*/} is damaged"; rm -rf "$fresh" "$folder.apt"; return 1; }
  done
  rm -rf "$folder.apt" "$folder"
  printf '%s\n' "$*" >"$fresh/.unpacked"
  mv "$fresh" "$folder"
}
