import { emptyRelayTrail, RELAY_TRAIL_PROPERTY, writeRelayTrail } from '../../base/index.ts'
import type { Amf0Object } from '../../media/index.ts'
import {
  CapsEx,
  encodeCapabilities,
  FourCcInfo,
  noRtmpCapabilities,
  type RtmpCapabilities,
  VideoFunction,
} from '../capabilities.ts'
import type { RtmpClientOptions } from './options.ts'
import type { RtmpTarget } from './target.ts'

/**
 * What a client says that it can (Enhanced RTMP v2): it passes every codec on as it is. The FourCCs are told one by one, since
 * servers of v1 know no '*'; that it reconnects is said only if it does.
 */
export const clientCapabilities: RtmpCapabilities = {
  ...noRtmpCapabilities,
  announced: true,
  fourCcs: new Set([
    ...['avc1', 'hvc1', 'vvc1', 'av01', 'vp08', 'vp09'],
    ...['mp4a', '.mp3', 'Opus', 'fLaC', 'ac-3', 'ec-3'],
  ]),
  videoFourCcs: new Map([['*', FourCcInfo.canForward]]),
  audioFourCcs: new Map([['*', FourCcInfo.canForward]]),
  capsEx: CapsEx.multitrack | CapsEx.modEx | CapsEx.timestampNanoOffset,
  videoFunction: VideoFunction.clientSeek | VideoFunction.videoPacketTypeMetadata,
  videoCodecs: 252,
  audioCodecs: 3575,
}

/** The command object of connect (Adobe RTMP 1.0, 7.2.1.1), in the words that Flash and FMLE use and servers expect. */
export function connectObject(target: RtmpTarget, options: RtmpClientOptions): Amf0Object {
  const capabilities = options.capabilities ?? clientCapabilities
  const capsEx = capabilities.capsEx | (options.onReconnectRequest === undefined ? 0 : CapsEx.reconnect)
  const { relayTrail = emptyRelayTrail } = options
  return {
    app: target.app,
    type: 'nonprivate',
    flashVer: 'FMLE/3.0 (compatible; FMSc/1.0)',
    tcUrl: target.tcUrl,
    fpad: false,
    capabilities: 239,
    audioCodecs: capabilities.audioCodecs,
    videoCodecs: capabilities.videoCodecs,
    videoFunction: capabilities.videoFunction,
    objectEncoding: 0,
    ...encodeCapabilities({ ...capabilities, capsEx }),
    ...(relayTrail.length === 0 ? {} : { [RELAY_TRAIL_PROPERTY]: writeRelayTrail(relayTrail) }),
    ...options.connectProperties,
  }
}
