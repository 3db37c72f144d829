/** AAC audio without an encoder: silence, 48 kHz, two channels, low complexity profile (ISO/IEC 14496-3, 4.4). */

/** Samples a second. */
export const AUDIO_SAMPLES_PER_SECOND = 48_000

/** Samples of a frame. */
export const AUDIO_FRAME_SAMPLES = 1024

/** Bit rate of the audio, bit/s. */
export const AUDIO_BITS_PER_SECOND = 64_000

// SoundFormat AAC, and for the rest what Adobe Video File Format 10.1, E.4.2.1, asks of AAC.
const AAC_TAG_HEADER = 0xaf
const AAC_SEQUENCE_HEADER = 0
const AAC_RAW = 1

/** The tag body of the AAC sequence header: an AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1). */
export const AUDIO_SEQUENCE_HEADER: Uint8Array = Uint8Array.of(
  AAC_TAG_HEADER,
  AAC_SEQUENCE_HEADER,
  0x11,
  0x90,
)

// A channel pair element with nothing in it, and the end of the block.
const SILENCE = [0x21, 0x10, 0x04, 0x60, 0x8c, 0x1c]
// A data stream element (4.4.2.5), byte-aligned; its length follows.
const DATA_STREAM_ELEMENT = 0x81

/** The tag body of every audio frame: silence, brought to the size of sound by data that decoders pass over. */
export const AUDIO_FRAME: Uint8Array = createAudioFrame(
  Math.round((AUDIO_BITS_PER_SECOND / 8) * (AUDIO_FRAME_SAMPLES / AUDIO_SAMPLES_PER_SECOND)),
)

function createAudioFrame(aacBytes: number): Uint8Array {
  const dataBytes = aacBytes - 2 - SILENCE.length
  return Uint8Array.of(
    ...[AAC_TAG_HEADER, AAC_RAW, DATA_STREAM_ELEMENT, dataBytes],
    ...new Uint8Array(dataBytes),
    ...SILENCE,
  )
}
