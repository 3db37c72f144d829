/** Bytes of one transport packet (ISO/IEC 13818-1, 2.4.3.2). */
export const TS_PACKET_BYTES = 188

/** PID of the program association table. */
export const PAT_PID = 0x0000
/** PID of the program map table. */
export const PMT_PID = 0x1001
/** PID of the video stream; carries the PCR when there is video. */
export const VIDEO_PID = 0x0100
/** PID of an AAC stream. */
export const AAC_PID = 0x0101
/** PID of an MP3 stream. */
export const MP3_PID = 0x0102

/** Video that this muxer can carry: H.264 and HEVC as Annex-B access units. */
export type TsVideoCodec = 'avc' | 'hevc'

/** Audio that this muxer can carry: AAC as ADTS frames, MP3 as it is. */
export type TsAudioCodec = 'aac' | 'mp3'

/** What a transport stream holds: at most one video and one audio stream. */
export type TsProgram = Readonly<{
  /** The video stream, null without one. */
  video: TsVideoCodec | null
  /** The audio stream, null without one. */
  audio: TsAudioCodec | null
}>

/** The PID of an audio codec. */
export function audioPid(codec: TsAudioCodec): number {
  return codec === 'aac' ? AAC_PID : MP3_PID
}

/** The PID that carries the clock: video, audio when there is no video, 0x1FFF (none) for an empty program. */
export function pcrPid(program: TsProgram): number {
  if (program.video !== null) {
    return VIDEO_PID
  }
  return program.audio === null ? 0x1fff : audioPid(program.audio)
}
