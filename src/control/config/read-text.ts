import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { toError } from '../../base/index.ts'

/** The text of a file, or why there is none. */
export type TextOutcome = Readonly<
  | { text: string; bytes: number; problem: null }
  | {
      text: null
      /** Fit to follow the file's name in a sentence. */
      problem: string
      /** Where in the file, as far as that can be said: bytes in front of the fault, as text. */
      before: string | null
    }
>

/** Reads a text file in UTF-8, a byte order mark left out. A file larger than `maxBytes` is refused before it is read. Never throws. */
export async function readText(path: string, maxBytes: number, limitName: string): Promise<TextOutcome> {
  try {
    // Without O_NONBLOCK, opening a named pipe would wait for somebody who writes to it.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const stat = await file.stat()
    if (stat.isDirectory()) {
      return refuse('is a directory: expected a file')
    }
    if (!stat.isFile()) {
      return refuse('is a device or a pipe: expected a file')
    }
    if (stat.size > maxBytes) {
      return refuse(`has ${stat.size} bytes: more than ${limitName} (${maxBytes})`)
    }
    const bytes = Buffer.alloc(stat.size)
    let length = 0
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length)
      if (bytesRead === 0) {
        break
      }
      length += bytesRead
    }
    return decode(bytes.subarray(0, length))
  } catch (error) {
    return refuse(describeFileError(error))
  }
}

function decode(bytes: Buffer): TextOutcome {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return refuse('is written in UTF-16: save it in UTF-8')
  }
  try {
    return {
      text: new TextDecoder('utf-8', { fatal: true }).decode(bytes),
      bytes: bytes.length,
      problem: null,
    }
  } catch {
    return { text: null, problem: 'is not UTF-8 from here on: save it in UTF-8', before: validStart(bytes) }
  }
}

/** The text before the first bytes that are not UTF-8. */
function validStart(bytes: Buffer): string {
  const text = new TextDecoder('utf-8').decode(bytes)
  const replacement = Buffer.from('\ufffd')
  for (let at = text.indexOf('\ufffd'); at >= 0; at = text.indexOf('\ufffd', at + 1)) {
    // The mark that a byte order mark was cut off in front of counts as well.
    const offset = Buffer.byteLength(text.slice(0, at)) + (bytes[0] === 0xef && bytes[1] === 0xbb ? 3 : 0)
    if (!bytes.subarray(offset, offset + replacement.length).equals(replacement)) {
      return text.slice(0, at)
    }
  }
  return text
}

function refuse(problem: string): TextOutcome {
  return { text: null, problem, before: null }
}

function describeFileError(error: unknown): string {
  const { message } = toError(error)
  const code = error instanceof Error && 'code' in error ? error.code : null
  switch (code) {
    case 'ENOENT':
      return 'does not exist'
    case 'ENOTDIR':
      return 'does not exist: a part of its path is no directory'
    case 'EACCES':
    case 'EPERM':
      return 'may not be read by the user the server runs as'
    case 'ELOOP':
      return 'is a link that leads to itself'
    default:
      return `cannot be read: ${message}`
  }
}
