import { pid } from 'node:process'
import { SERVER_NAME, VERSION } from '../base/index.ts'
import { Amf0EcmaArray, type Amf0Object } from '../media/index.ts'
import { encodeCapabilities, serverCapabilities } from './capabilities.ts'
import type { Message } from './chunk/index.ts'
import { parseRtmpTarget } from './client/target.ts'
import {
  encodeCommand,
  encodeData,
  encodeSetPeerBandwidth,
  encodeUserControl,
  encodeWindowAcknowledgementSize,
  STREAM_CHUNK_STREAM_ID,
  UserControlEvent,
} from './message/index.ts'
import type { NetStreamStatus } from './server-handlers.ts'

/** The bandwidth that the client is told we have, bytes; the same for everybody, as in SRS. */
const PEER_BANDWIDTH_BYTES = 2_500_000

/** Flash Media Server's version that SRS says it is; players compare it. */
const FMS_VERSION = '3,5,3,888'

/** Any text does; SRS sends this one. */
const CLIENT_ID = 'ASAICiss'

/**
 * What goes out before the chunk size and the result of connect.
 * @param windowBytes the client is to acknowledge after so much; 0 says nothing of it
 */
export function beforeConnectResult(windowBytes: number): Message[] {
  const bandwidth = encodeSetPeerBandwidth(PEER_BANDWIDTH_BYTES)
  return windowBytes === 0 ? [bandwidth] : [encodeWindowAcknowledgementSize(windowBytes), bandwidth]
}

/** `_result` of connect, with the keys that SRS sends; `enhanced`: the client is to know what we can take of Enhanced RTMP. */
export function connectResult(
  transactionId: number,
  {
    objectEncoding,
    connectionId,
    serverAddress,
    enhanced,
  }: { objectEncoding: number; connectionId: string; serverAddress: string; enhanced: boolean },
): Message {
  const properties = {
    fmsVer: `FMS/${FMS_VERSION}`,
    capabilities: 127,
    mode: 1,
    ...(enhanced ? encodeCapabilities(serverCapabilities) : {}),
  }
  const data = new Amf0EcmaArray({
    version: FMS_VERSION,
    srs_sig: 'SRS',
    srs_server: SERVER_NAME,
    srs_license: 'MIT',
    srs_version: VERSION,
    srs_server_ip: serverAddress,
    srs_pid: pid,
    srs_id: connectionId,
  })
  const information = {
    level: 'status',
    code: 'NetConnection.Connect.Success',
    description: 'Connection succeeded',
    objectEncoding,
    data,
  }
  return encodeCommand('_result', transactionId, [properties, information])
}

/** `_error` of connect; the client is disconnected after it. */
export function connectRejected(transactionId: number, description: string): Message {
  const information = { level: 'error', code: 'NetConnection.Connect.Rejected', description }
  return encodeCommand('_error', transactionId, [null, information])
}

/** `onBWDone`: older players wait for it. */
export function bandwidthDone(): Message {
  return encodeCommand('onBWDone', 0, [null])
}

/** `_result` of createStream. */
export function createStreamResult(transactionId: number, streamId: number): Message {
  return encodeCommand('_result', transactionId, [null, streamId])
}

/** `_result` of releaseStream, FCPublish and FCUnpublish. */
export function emptyResult(transactionId: number): Message {
  return encodeCommand('_result', transactionId, [null, undefined])
}

/** `_result` of a call we have no answer to, so that its caller goes on. */
export function nullResult(transactionId: number): Message {
  return encodeCommand('_result', transactionId, [null, null])
}

/** `onFCPublish`, for encoders that sent FCPublish. */
export function fcPublishStarted(streamId: number): Message {
  const information = { code: 'NetStream.Publish.Start', description: 'Started publishing stream.' }
  return encodeCommand('onFCPublish', 0, [null, information], streamId, STREAM_CHUNK_STREAM_ID)
}

/** `onStatus`: the publisher may send. */
export function publishStarted(streamId: number): Message {
  return onStatus(streamId, 'status', 'NetStream.Publish.Start', 'Started publishing stream.')
}

/** `onStatus`: the publisher is refused, and why. */
export function publishRejected(streamId: number, reason: string): Message {
  return onStatus(streamId, 'error', 'NetStream.Publish.BadName', reason)
}

/** `onFCUnpublish`. */
export function fcUnpublished(streamId: number): Message {
  const information = { code: 'NetStream.Unpublish.Success', description: 'Stop publishing stream.' }
  return encodeCommand('onFCUnpublish', 0, [null, information], streamId, STREAM_CHUNK_STREAM_ID)
}

/** `onStatus`: the publication is over. */
export function unpublished(streamId: number): Message {
  return onStatus(streamId, 'status', 'NetStream.Unpublish.Success', 'Stream is now unpublished')
}

/** What tells a player that it plays, in order. */
export function playStarted(streamId: number): Message[] {
  return [
    encodeUserControl(UserControlEvent.streamBegin, streamId),
    onStatus(streamId, 'status', 'NetStream.Play.Reset', 'Playing and resetting stream.', 'stream'),
    onStatus(streamId, 'status', 'NetStream.Play.Start', 'Started playing stream.', 'stream'),
    encodeData(['|RtmpSampleAccess', true, true], streamId),
  ]
}

/** `onStatus`: the player is refused, and why. */
export function playRejected(streamId: number, reason: string): Message {
  return onStatus(streamId, 'error', 'NetStream.Play.Failed', reason)
}

/** What tells a player that what it plays is over, in order. */
export function playEnded(streamId: number, reason: string, unpublished: boolean): Message[] {
  const status = (code: string): Message => onStatus(streamId, 'status', code, reason)
  return [
    encodeUserControl(UserControlEvent.streamEof, streamId),
    ...(unpublished ? [status('NetStream.Play.UnpublishNotify')] : []),
    status('NetStream.Play.Stop'),
  ]
}

/** What tells a player that it is paused, in order. */
export function paused(streamId: number): Message[] {
  return [
    bareStatus(streamId, 'status', 'NetStream.Pause.Notify', 'Paused stream.'),
    encodeUserControl(UserControlEvent.streamEof, streamId),
  ]
}

/** What tells a player that it plays on, in order. */
export function unpaused(streamId: number): Message[] {
  return [
    bareStatus(streamId, 'status', 'NetStream.Unpause.Notify', 'Unpaused stream.'),
    encodeUserControl(UserControlEvent.streamBegin, streamId),
  ]
}

/** What tells a player that media it had switched off comes again, in order (Adobe RTMP 1.0, 7.2.2.4 and 7.2.2.5). */
export function receiving(streamId: number): Message[] {
  return [
    onStatus(streamId, 'status', 'NetStream.Seek.Notify', 'Playing on at the next keyframe.', 'stream'),
    onStatus(streamId, 'status', 'NetStream.Play.Start', 'Started playing stream.', 'stream'),
  ]
}

/** `onStatus`: a live stream can't be sought in; the player plays on. */
export function seekFailed(streamId: number): Message {
  return onStatus(
    streamId,
    'error',
    'NetStream.Seek.Failed',
    'The stream is live: there is nothing to seek in.',
  )
}

/** `onFCSubscribe`: players that ask a CDN for the stream first wait for it before they play. */
export function fcSubscribed(): Message {
  return encodeCommand('onFCSubscribe', 0, [
    null,
    { level: 'status', code: 'NetStream.Play.Start', description: 'Started playing stream.' },
  ])
}

/**
 * `onStatus` of the connection that sends a client on, as SRS's origin cluster does ("RTMP 302").
 * @param url whole address of the stream at the other server; `redirect` is the same without the stream
 */
export function redirected(url: string): Message {
  const information = {
    level: 'error',
    code: 'NetConnection.Connect.Rejected',
    description: 'RTMP 302 Redirect',
    ex: { code: 302, redirect: parseRtmpTarget(url).tcUrl, redirect2: url },
  }
  return encodeCommand('onStatus', 0, [null, information])
}

/** `onStatus`: anything else about a message stream. */
export function statusOf(streamId: number, { level, code, description }: NetStreamStatus): Message {
  return onStatus(streamId, level, code, description)
}

/**
 * `NetConnection.Connect.ReconnectRequest` (Enhanced RTMP v2): the client is to connect anew, and stays until it has.
 * @param tcUrl where to; the present one if left out
 */
export function reconnectRequest(tcUrl: string | undefined, description: string): Message {
  const information = {
    level: 'status',
    code: 'NetConnection.Connect.ReconnectRequest',
    description,
    ...(tcUrl === undefined ? {} : { tcUrl }),
  }
  return encodeCommand('onStatus', 0, [null, information])
}

function onStatus(
  streamId: number,
  level: string,
  code: string,
  description: string,
  details?: string,
): Message {
  return bareStatus(streamId, level, code, description, {
    ...(details === undefined ? {} : { details }),
    clientid: CLIENT_ID,
  })
}

function bareStatus(
  streamId: number,
  level: string,
  code: string,
  description: string,
  more: Amf0Object = {},
): Message {
  const information = { level, code, description, ...more }
  return encodeCommand('onStatus', 0, [null, information], streamId, STREAM_CHUNK_STREAM_ID)
}
