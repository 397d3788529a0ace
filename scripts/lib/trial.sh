# What the scripts for a first look share. Sourced, with the checkout as the working folder and CALLED_FROM set.
# shellcheck shell=bash

readonly FIRST_DAY=2026-06-15T12:00:00Z  # around which the simulator's data set is made
readonly BIN="$PWD/build/release/bin"

# As realpath, seen from where the script was called.
as_called() { (cd "$CALLED_FROM" && realpath "$@"); }

# Installs and builds the four programs into $BIN.
prepare_programs() {
  scripts/install-packages
  scripts/build release tikhaul tikhaul-coordinator tikhaul-worker tikhaul-simulator
}

# FOLDER: the credentials that the simulator takes, as TikTok's would lie there.
write_simulated_secrets() {
  mkdir -p "$1"
  chmod 700 "$1"
  (
    umask 077
    echo sim-token-0123456789abcdef >"$1/token"
    echo sim-secret-0123456789abcdef >"$1/app_secret"
  )
}

# FOLDER MARK: deletes the folder, when it is one of ours: when it holds MARK.
delete_folder_of_ours() {
  if [[ ! -e "$1" ]]; then return; fi
  if [[ ! -f "$1/$2" ]]; then
    echo "$1 holds no $2, so it was not made by this script; not deleted" >&2
    return 1
  fi
  rm -rf "$1"
}
