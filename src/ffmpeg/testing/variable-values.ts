import { type Ms, ms } from '../../base/index.ts'
import type { VariableValues } from '../variables/index.ts'

/** 2026-02-03 04:05:06.007, local time. */
export const SOME_TIME: Ms = ms(new Date(2026, 1, 3, 4, 5, 6, 7).getTime())

/** A name that every shell, and many a program, would read as something else. */
export const HOSTILE_NAME = `x -y; rm -rf "$HOME" $(id) '`

/** Values of an ordinary stream. */
export function someValues(values: Partial<VariableValues> = {}): VariableValues {
  return {
    vhost: '__defaultVhost__',
    app: 'live',
    stream: 'livestream',
    engine: 'ld',
    port: 19350,
    param: '?token=1',
    url: 'rtmp://127.0.0.1:19350/live/livestream?token=1',
    tcUrl: 'rtmp://host/live',
    swfUrl: 'http://host/a.swf',
    pageUrl: 'http://host/',
    time: SOME_TIME,
    utc: false,
    ...values,
  }
}
