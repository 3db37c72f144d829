import { Amf0EcmaArray, type Amf0Object, type Amf0Value, isAmf0Object } from '../../media/index.ts'
import type { Command } from '../message/index.ts'
import type { RtmpRedirect, RtmpRefusal } from './errors.ts'

/** The information object of an `onStatus` (Adobe RTMP 1.0, 7.2.2), `_result` or `_error`. */
export type RtmpStatus = Readonly<{
  /** 'status', 'warning' or 'error'; '' if it says none. */
  level: string
  /** E.g. 'NetStream.Play.Start'; '' if it says none. */
  code: string
  /** For a person; '' if it says none. */
  description: string
  /** Message stream it came on; 0 is the connection. */
  streamId: number
  /** All of it; null if the command had none. */
  information: Amf0Object | null
}>

/** Code of the status that asks a client to connect anew (Enhanced RTMP v2). */
export const RECONNECT_REQUEST = 'NetConnection.Connect.ReconnectRequest'

/** Reads the information object of a command: the first argument. */
export function readStatus({ args, streamId }: Command): RtmpStatus {
  const information = asObject(args[0])
  return {
    level: text(information?.level),
    code: text(information?.code),
    description: text(information?.description),
    streamId,
    information,
  }
}

/** What a status of level 'error' refuses. */
export function refusalOf(command: string, { code, description, information }: RtmpStatus): RtmpRefusal {
  return { command, status: code, description, redirect: redirectOf(information), information }
}

function redirectOf(information: Amf0Object | null): RtmpRedirect | null {
  const ex = asObject(information?.ex)
  const tcUrl = text(ex?.redirect)
  const url = text(ex?.redirect2)
  return tcUrl === '' ? null : { tcUrl, url: url === '' ? null : url }
}

function asObject(value: Amf0Value): Amf0Object | null {
  if (value instanceof Amf0EcmaArray) {
    return value.entries
  }
  return isAmf0Object(value) ? value : null
}

function text(value: Amf0Value): string {
  return typeof value === 'string' ? value : ''
}
