import { ProtocolError, RELAY_TRAIL_PROPERTY, readRelayTrail, vhostOfQuery } from '../base/index.ts'
import { decodeCapabilities } from './capabilities.ts'
import type { Message } from './chunk/index.ts'
import type { Command } from './message/index.ts'
import type { RtmpConnect } from './server-handlers.ts'
import type { RtmpVhostOptions } from './server-options.ts'
import * as replies from './server-replies.ts'
import type { RtmpTransport } from './transport.ts'
import { parseTcUrl } from './url.ts'

/**
 * Reads the connect command (Adobe RTMP 1.0, 7.2.1.1). Properties of the wrong type count as not said.
 * @param client id of the connection and remote address
 * @throws ProtocolError if there is no `tcUrl`, or it is no URL
 */
export function readConnect(
  { object }: Command,
  client: Readonly<{ connectionId: string; address: string }>,
): RtmpConnect {
  const { tcUrl, app: namedApp, pageUrl, swfUrl, flashVer, objectEncoding } = object ?? {}
  if (typeof tcUrl !== 'string') {
    throw new ProtocolError('connect has no tcUrl: the client must say rtmp://host/app')
  }
  const { app, host, parameters } = parseTcUrl(tcUrl)
  // Field by field: an object that begins with a spread has a hidden class of its own in each connection.
  return {
    connectionId: client.connectionId,
    address: client.address,
    tcUrl,
    app,
    namedApp: typeof namedApp === 'string' ? namedApp : '',
    vhost: vhostOfQuery(parameters) ?? host,
    parameters,
    pageUrl: typeof pageUrl === 'string' ? pageUrl : '',
    swfUrl: typeof swfUrl === 'string' ? swfUrl : '',
    flashVersion: typeof flashVer === 'string' ? flashVer : '',
    objectEncoding: typeof objectEncoding === 'number' ? objectEncoding : 0,
    capabilities: decodeCapabilities(object),
    relayTrail: readRelayTrail(object?.[RELAY_TRAIL_PROPERTY]),
  }
}

/**
 * Answers an admitted connect.
 * @param answer sends a command in the form that the client asked in
 * @param options of the virtual host that it named
 */
export function answerConnect(
  transport: RtmpTransport,
  answer: (message: Message) => void,
  transactionId: number,
  connect: RtmpConnect,
  options: RtmpVhostOptions,
): void {
  transport.acknowledgementWindowBytes = options.inAcknowledgementWindowBytes
  for (const message of replies.beforeConnectResult(options.outAcknowledgementWindowBytes)) {
    transport.send(message)
  }
  // OBS must know it before the result.
  transport.setChunkSize(options.chunkSize)
  const enhanced = connect.capabilities.announced
  const serverAddress = transport.localAddress
  answer(replies.connectResult(transactionId, { ...connect, serverAddress, enhanced }))
  answer(replies.bandwidthDone())
}
