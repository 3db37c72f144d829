import { expandFilePath } from './file-path.ts'
import { fillTemplate, type TemplatePiece } from './template.ts'
import { UnusableValueError } from './unusable-value-error.ts'
import type { VariableValues } from './values.ts'

/** Where FFmpeg reads from or writes to. */
export type FfmpegAddress = Readonly<{
  /** Options that stand in front of it, as those of its protocol; none for ordinary names. */
  options: readonly (readonly [name: string, value: string])[]
  /** What follows `-i`, or `-y`. */
  address: string
}>

/** Longest application with its query in an RTMP address, bytes: FFmpeg cuts tcUrl off after 1023 without a word. */
export const MAX_FFMPEG_APP_BYTES = 900

const RTMP_SCHEME = /^rtmp[a-z]*:\/\//i
/** What FFmpeg takes away from the end of a stream's name, or takes for a reason to put `mp4:` in front. */
const READ_EXTENSION = /\.(flv|f4v|mp4)$/
/** What this server takes away from the end of a stream's name when it is played. */
const MEDIA_EXTENSION = /.\.(?:flv|f4v|mp4|m3u8|ts|aac|mp3)$/i
/** Parts of a path that are no names. */
const IGNORED_PARTS = ['', '.', '..', '_definst_']
const NAMES: readonly string[] = ['vhost', 'app', 'stream', 'engine']

/**
 * Fills a template for an input or output of FFmpeg: an RTMP address, another URL, or a file. FFmpeg does not decode percent signs in RTMP
 * addresses, ends them at a space, and cuts application and stream apart wherever a slash stands, also in a query; names that it would misread so are given
 * by its options `rtmp_app` and `rtmp_playpath`, which it takes as they are. In other URLs values are encoded as in files.
 * @throws UnusableValueError if a value can't be said in such an address
 */
export function expandAddress(template: string, values: VariableValues): FfmpegAddress {
  if (isRtmpAddress(template)) {
    return expandRtmpAddress(template, values)
  }
  const file = /^file:/i.exec(template)?.[0] ?? ''
  if (file !== '' || !/^[a-z][a-z0-9+.-]*:/i.test(template)) {
    return { options: [], address: `${file}${expandFilePath(template.slice(file.length), values)}` }
  }
  return { options: [], address: expandOtherUrl(template, values) }
}

/**
 * An address that takes no options, for other programs, too; `expandAddress` has more names.
 * @throws UnusableValueError if a value can't be said in it
 */
export function expandUrl(template: string, values: VariableValues): string {
  const { options, address } = expandAddress(template, values)
  if (options.length > 0) {
    throw new UnusableValueError(
      'a value has what FFmpeg reads as something else in an RTMP address: a space, a slash or an end such as .mp4',
    )
  }
  return address
}

/** Whether a template is an RTMP address. */
export function isRtmpAddress(template: string): boolean {
  return RTMP_SCHEME.test(template)
}

function expandRtmpAddress(template: string, values: VariableValues): FfmpegAddress {
  const [writtenServer, writtenApp, writtenStream] = cutTemplate(template)
  const server = textOf(fill(writtenServer, values))
  const app = textOf(fill(writtenApp, values))
  const streamPieces = fill(writtenStream, values)
  const stream = textOf(streamPieces)
  if (Buffer.byteLength(app) > MAX_FFMPEG_APP_BYTES) {
    throw new UnusableValueError(
      `an application of ${Buffer.byteLength(app)} bytes exceeds MAX_FFMPEG_APP_BYTES (${MAX_FFMPEG_APP_BYTES})`,
    )
  }
  if (!isMisread(app, streamPieces)) {
    return { options: [], address: [server, app, stream].filter((part) => part !== '').join('/') }
  }
  return {
    options: [
      ['rtmp_app', app],
      ['rtmp_playpath', stream],
    ],
    address: server,
  }
}

/**
 * Cuts a template at slashes that it has itself, into server, application and stream: this begins behind a query of the application, as SRS
 * writes it, or with the last part of the path.
 */
function cutTemplate(template: string): [server: string, app: string, stream: string] {
  const root = template.indexOf('/', template.indexOf('://') + 3)
  if (root < 0) {
    return [template, '', '']
  }
  const path = template.slice(root + 1)
  const query = path.indexOf('?')
  const last = path.lastIndexOf('/')
  const cut = query >= 0 && last < query ? path.lastIndexOf('/', query) : last
  return [template.slice(0, root), cut < 0 ? '' : path.slice(0, cut), path.slice(cut + 1)]
}

/** Whether FFmpeg would read another application or stream than was meant. */
function isMisread(app: string, pieces: readonly TemplatePiece[]): boolean {
  const stream = textOf(pieces)
  const endsInValue = pieces.findLast(({ text }) => text !== '')?.variable !== null
  return (
    / |\/.*:/.test(app) ||
    /[ /]/.test(stream) ||
    /slist=/.test(`${app}/${stream}`) ||
    (endsInValue && READ_EXTENSION.test(stream))
  )
}

/** Values as they are, since nobody decodes them; those that would be read as something else are refused. */
function fill(template: string, values: VariableValues): TemplatePiece[] {
  const pieces = fillTemplate(template, values)
  for (const [index, { text, variable }] of pieces.entries()) {
    if (variable !== null) {
      refuseControls(variable, text)
    }
    if (variable !== null && NAMES.includes(variable)) {
      requireSayable(variable, text)
      const behind = textOf(pieces.slice(index + 1))
      if (variable === 'stream' && /^(?:\?|$)/.test(behind) && MEDIA_EXTENSION.test(text)) {
        throw new UnusableValueError(
          '[stream] ends like the name of a file, an end that RTMP servers leave out',
        )
      }
    }
  }
  return pieces
}

/** @throws UnusableValueError if an RTMP server reads another name */
function requireSayable(variable: string, name: string): void {
  const query = /[?#]|\.\.\.vhost\.\.\./.exec(name)?.[0]
  if (query !== undefined) {
    throw new UnusableValueError(
      `[${variable}] has '${query}', behind which a query begins in an RTMP address`,
    )
  }
  const parts = variable === 'app' ? name.split('/') : [name]
  if (parts.some((part) => part !== part.trim() || IGNORED_PARTS.includes(part)) && variable !== 'engine') {
    throw new UnusableValueError(
      `[${variable}] has a part, or spaces at an end of one, that RTMP servers leave out`,
    )
  }
}

/** Names as in files, the rest as in the query of a URL. */
function expandOtherUrl(template: string, values: VariableValues): string {
  const escaped = Object.fromEntries(
    (['param', 'url', 'tcUrl', 'swfUrl', 'pageUrl'] as const).map((name) => [
      name,
      encodeQuery(values[name]),
    ]),
  )
  return fillTemplate(template, { ...values, ...escaped })
    .map(({ text, variable }) =>
      variable === null || !NAMES.includes(variable)
        ? text
        : expandFilePath(`[${variable}]`, { ...values, [variable]: text }, { asciiOnly: true }),
    )
    .join('')
}

function encodeQuery(text: string): string {
  return text.replace(/[^\w.~?&=%+,;:@!*()-]/gu, (character) => encodeURIComponent(character.toWellFormed()))
}

/** @throws UnusableValueError if a value has a control character */
export function refuseControls(variable: string, text: string): void {
  if (/\p{Cc}/u.test(text)) {
    throw new UnusableValueError(`[${variable}] has a control character`)
  }
}

function textOf(pieces: readonly TemplatePiece[]): string {
  return pieces.map(({ text }) => text).join('')
}

/** An address in one piece, also where FFmpeg is given the names in it by options. */
export function wholeAddress({ options, address }: FfmpegAddress): string {
  return [address, ...options.map(([, value]) => value)].join('/')
}
