#!/usr/bin/env bash
# Has the real OBS Studio publish an empty scene, on a screen that is not there, until this script is told to end.
#
#   test/support/obs-publish.sh SERVER KEY     e.g. rtmp://127.0.0.1:1935/live demo
#
# 640x360, 30 fps, x264 at 1 Mbit/s, AAC at 128 kbit/s. Needs obs, Xvfb and dbus-run-session; see scripts/lib/tools.ts
# for the packages. OBS's own words go to standard error.
set -euo pipefail
readonly server="$1" key="$2"

home="$(mktemp -d)"
readonly home
screen='' obs=''

finish() {
  # The whole group of OBS: its bus and what else it started.
  [[ -z "$obs" ]] || kill -KILL -- "-$obs" 2>/dev/null || true
  [[ -z "$screen" ]] || kill "$screen" 2>/dev/null || true
  rm -rf "$home"
}
trap finish EXIT
trap 'exit 0' INT TERM

# A home in which the questions of the first start are answered.
readonly settings="$home/.config/obs-studio"
readonly profile="$settings/basic/profiles/test"
mkdir -p "$profile" "$settings/basic/scenes"
printf '%s\n' '[General]' 'FirstRun=true' 'EnableAutoUpdates=false' 'LastVersion=486539266' \
  '[Basic]' 'Profile=test' 'ProfileDir=test' 'SceneCollection=test' 'SceneCollectionFile=test' \
  '[BasicWindow]' 'WarnBeforeStartingStream=false' >"$settings/global.ini"
printf '%s\n' '[General]' 'Name=test' '[Output]' 'Mode=Simple' \
  '[SimpleOutput]' 'StreamEncoder=x264' 'Preset=ultrafast' 'VBitrate=1000' 'ABitrate=128' \
  '[Video]' 'BaseCX=640' 'BaseCY=360' 'OutputCX=640' 'OutputCY=360' 'FPSCommon=30' >"$profile/basic.ini"
printf '{"type":"rtmp_custom","settings":{"server":"%s","key":"%s","use_auth":false}}\n' "$server" "$key" \
  >"$profile/service.json"
cat >"$settings/basic/scenes/test.json" <<'JSON'
{
  "name": "test", "current_scene": "Empty", "current_program_scene": "Empty", "scene_order": [{ "name": "Empty" }],
  "sources": [{ "id": "scene", "name": "Empty", "settings": { "items": [] } }]
}
JSON

# Xvfb takes a free display and says which.
mkfifo "$home/display"
Xvfb -displayfd 3 -screen 0 1024x768x24 3>"$home/display" 2>/dev/null &
screen=$!
read -r display <"$home/display"

# In a session of its own, so that its group can be ended as a whole.
HOME="$home" XDG_RUNTIME_DIR="$home" DISPLAY=":$display" setsid dbus-run-session -- \
  obs --startstreaming --multi --disable-updater --disable-missing-files-check >&2 &
obs=$!
wait "$obs"
