import { type Amf0Value, decodeAmf0 } from '../../src/media/index.ts'
import {
  decodeCommand,
  decodeControlValue,
  decodeUserControl,
  type Message,
  MessageType,
} from '../../src/rtmp/index.ts'

const CONTROLS: Readonly<Record<number, string>> = {
  [MessageType.setChunkSize]: 'SetChunkSize',
  [MessageType.abort]: 'Abort',
  [MessageType.acknowledgement]: 'Acknowledgement',
  [MessageType.windowAcknowledgementSize]: 'WindowAcknowledgementSize',
  [MessageType.setPeerBandwidth]: 'SetPeerBandwidth',
}

/**
 * A message in a few words, for comparing sequences: `SetChunkSize 60000`, `_result 4 null 1`,
 * `onStatus NetStream.Play.Start on 1`, `UserControl 0 1`, `data |RtmpSampleAccess true true on 1`, `video 40 on 1`.
 */
export function describeMessage(message: Message): string {
  const { type, timestamp, streamId, payload } = message
  const on = streamId === 0 ? '' : ` on ${streamId}`
  switch (type) {
    case MessageType.userControl: {
      const { event, value } = decodeUserControl(payload)
      return `UserControl ${event} ${value}`
    }
    case MessageType.commandAmf0:
    case MessageType.commandAmf3: {
      const { name, transactionId, args } = decodeCommand(message)
      const id = name.startsWith('_') ? ` ${transactionId}` : ''
      return `${[`${name}${id}`, ...args.map(inShort)].join(' ')}${on}`
    }
    case MessageType.dataAmf0:
      return `data ${decodeAmf0(payload).map(inShort).join(' ')}${on}`
    case MessageType.audio:
      return `audio ${timestamp}${on}`
    case MessageType.video:
      return `video ${timestamp}${on}`
    default:
      return CONTROLS[type] === undefined
        ? `type ${type}`
        : `${CONTROLS[type]} ${decodeControlValue(payload)}`
  }
}

/** The code of an information object, other values as they are. */
function inShort(value: Amf0Value): string {
  const isObject = typeof value === 'object' && value !== null
  return isObject && 'code' in value ? String(value.code) : isObject ? '{}' : String(value)
}
