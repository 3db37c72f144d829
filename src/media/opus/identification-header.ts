import { ProtocolError } from '../../base/index.ts'
import { ByteReader } from '../../bytes/index.ts'

/** Hz of Opus: decoders give 48 kHz, whatever went into the encoder (RFC 7845, 5.1). */
export const OPUS_SAMPLE_RATE = 48_000

/**
 * The channels that an Opus identification header ("OpusHead", RFC 7845, 5.1) states; the payload of a sequence header.
 * @param bytes read in place
 * @throws ProtocolError if it is none
 */
export function parseOpusChannelCount(bytes: Uint8Array): number {
  const reader = new ByteReader(bytes)
  if (reader.readUtf8(8) !== 'OpusHead') {
    throw new ProtocolError('an Opus identification header does not begin with OpusHead')
  }
  reader.skip(1) // version
  return reader.readUint8()
}
