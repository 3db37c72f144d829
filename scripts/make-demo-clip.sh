#!/usr/bin/env bash
# Makes assets/demo.flv, the clip that `npm start` publishes in a loop: 32 s, 640x360, 25 fps H.264 and AAC.
#
# - Picture: a clock with hundredths, the frame's number, a hand that turns once a second, four lights of which the one
#   of this second is on, a white mark in the first 3 frames of each second, and a bar that is full when the clip ends.
# - Sound: a tick on each second, a higher one on every fourth, over a soft chord, so that silence is noticed.
# - It loops without a jump: 800 video frames and 1500 AAC frames are both 32 s to the sample, every second begins with a
#   keyframe, and all tones have whole periods in 32 s. The AAC frames are cut from the middle of a longer encoding, so
#   that none of the encoder's start-up silence is in them and the last leads into the first.
# - No B-frames, so that what the clock shows is as fresh as it can be and the first DTS is 0.
#
# Needs FFmpeg with libx264 and the DejaVu fonts (Debian: ffmpeg, fonts-dejavu-core). The same FFmpeg makes the same
# bytes. Usage: scripts/make-demo-clip.sh [FILE]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly output="${1:-assets/demo.flv}"
readonly max_bytes=1900000
readonly seconds=32 video_frames=800 audio_frames=1500

work="$(mktemp -d)"
readonly work
trap 'rm -rf "$work"' EXIT

font() {
  fc-match --format '%{file}' "$1"
}
mono="$(font 'DejaVu Sans Mono:bold')"
sans="$(font 'DejaVu Sans:bold')"
readonly mono sans

run_ffmpeg() {
  ffmpeg -hide_banner -loglevel error -nostdin -y "$@"
}

# The dial is at (150, 174), 118 wide from its middle; the picture below it never changes and is drawn once.
cat >"$work/picture" <<END
color=black:s=640x360:r=25:d=0.04, format=gbrp,
geq=
  r='12 + 18*Y/H + 10*X/W + 26*between(hypot(X-150,Y-174),110,118) - 8*lt(hypot(X-150,Y-174),110)':
  g='26 + 62*Y/H + 14*X/W + 95*between(hypot(X-150,Y-174),110,118) - 14*lt(hypot(X-150,Y-174),110)':
  b='58 + 50*Y/H + 18*X/W + 95*between(hypot(X-150,Y-174),110,118) - 18*lt(hypot(X-150,Y-174),110)',
loop=loop=-1:size=1, setpts=N/25/TB, trim=end_frame=$video_frames [ground];

color=0xFFB454:s=10x118:r=25:d=$seconds, format=rgba, pad=240:240:115:16:color=black@0,
rotate=a='2*PI*n/25':c=none [hand];

color=0xFFB454:s=640x10:r=25:d=$seconds [bar];

[ground][hand] overlay=x=30:y=54 [with_hand];
[with_hand][bar] overlay=x='-640+640*(n+1)/$video_frames':y=350,
drawtext=fontfile=$sans:text='●':fontsize=30:fontcolor=0xFFF3DC:x=150-tw/2:y=174-th/2,
drawtext=fontfile=$sans:text='SRS demo':fontsize=34:fontcolor=0xFFF3DC:x=304:y=44,
drawbox=x=560:y=44:w=32:h=32:color=0x0E3350:t=fill,
drawbox=x=560:y=44:w=32:h=32:color=white:t=fill:enable='lt(mod(n,25),3)',
drawtext=fontfile=$mono:text='%{eif\\:floor(n/25)\\:d\\:2}.%{eif\\:mod(n\\,25)*4\\:d\\:2}':fontsize=96:fontcolor=white:x=300:y=102,
drawtext=fontfile=$mono:text='frame %{eif\\:n\\:d\\:3}':fontsize=30:fontcolor=0x9FE8E0:x=304:y=206,
drawbox=x=304:y=258:w=64:h=18:color=0x0E3350:t=fill,
drawbox=x=380:y=258:w=64:h=18:color=0x0E3350:t=fill,
drawbox=x=456:y=258:w=64:h=18:color=0x0E3350:t=fill,
drawbox=x=532:y=258:w=64:h=18:color=0x0E3350:t=fill,
drawbox=x=304:y=258:w=64:h=18:color=0xFFB454:t=fill:enable='eq(mod(floor(n/25),4),0)',
drawbox=x=380:y=258:w=64:h=18:color=0x4FD1C5:t=fill:enable='eq(mod(floor(n/25),4),1)',
drawbox=x=456:y=258:w=64:h=18:color=0x4FD1C5:t=fill:enable='eq(mod(floor(n/25),4),2)',
drawbox=x=532:y=258:w=64:h=18:color=0x4FD1C5:t=fill:enable='eq(mod(floor(n/25),4),3)',
drawtext=fontfile=$sans:text='640 x 360, 25 fps, H.264 + AAC':fontsize=17:fontcolor=0x9FE8E0:x=304:y=300,
scale=out_color_matrix=bt709:out_range=tv, format=yuv420p [picture]
END

run_ffmpeg -filter_complex_script "$work/picture" -map '[picture]' -frames:v "$video_frames" \
  -c:v libx264 -profile:v high -preset veryslow -threads 1 -crf 22 -maxrate 380k -bufsize 380k \
  -x264-params 'keyint=25:min-keyint=25:scenecut=0:open-gop=0:bframes=0:ref=3' \
  -color_primaries bt709 -color_trc bt709 -colorspace bt709 -color_range tv \
  -fflags +bitexact -flags:v +bitexact -bsf:v filter_units=remove_types=6 "$work/video.mp4"

# Each channel: tick, then three tones of the chord; the middle one wanders from side to side once in 16 s.
tick="0.5*sin(2*PI*if(mod(floor(t)\,4)\,880\,1760)*mod(t\,1))*exp(-30*mod(t\,1))"
chord="0.035*sin(2*PI*110*t)+0.025*sin(2*PI*165*t)"
left="$tick+$chord+0.02*(1+sin(2*PI*t/16))*sin(2*PI*277*t)"
right="$tick+$chord+0.02*(1-sin(2*PI*t/16))*sin(2*PI*277*t)"
# FFmpeg's default coder smears the ticks and puts noise in place of their tails; this one keeps them as they are.
run_ffmpeg -f lavfi -i "aevalsrc=exprs=$left|$right:s=48000:d=$((3 * seconds))" \
  -c:a aac -profile:a aac_low -b:a 64k -aac_coder fast -aac_pns 0 -aac_is 0 -fflags +bitexact -flags:a +bitexact "$work/long.aac"

# The first frame is the encoder's start-up, the next 1500 are the first 32 s; the 32 s after those are kept.
run_ffmpeg -i "$work/long.aac" -c copy -bsf:a "noise=drop=lt(n\,$((audio_frames + 1)))" \
  -frames:a "$audio_frames" "$work/audio.aac"

# With ADTS as its input the FLV muxer writes an empty AudioSpecificConfig first; from MP4 it has the right one.
run_ffmpeg -i "$work/audio.aac" -c copy -bsf:a aac_adtstoasc -fflags +bitexact "$work/audio.m4a"

run_ffmpeg -i "$work/video.mp4" -i "$work/audio.m4a" -map 0:v -map 1:a -map_metadata -1 -c copy -fflags +bitexact \
  -flvflags no_sequence_end "$work/demo.flv"

# What the server counts on.
count() {
  ffprobe -v error -count_packets -select_streams "$1" -show_entries stream=nb_read_packets -of csv=p=0 "$work/demo.flv"
}
check() {
  if [[ "$2" != "$3" ]]; then
    echo "$1: $2, not $3" >&2
    exit 1
  fi
}
check 'video frames' "$(count v)" "$video_frames"
check 'audio frames' "$(count a)" "$audio_frames"
check 'duration' "$(ffprobe -v error -show_entries format=duration -of csv=p=0 "$work/demo.flv")" "$seconds.000000"
bytes="$(stat -c %s "$work/demo.flv")"
if ((bytes > max_bytes)); then
  echo "$bytes bytes, more than $max_bytes" >&2
  exit 1
fi
mkdir -p "$(dirname "$output")"
mv "$work/demo.flv" "$output"
echo "$output: $bytes bytes"
