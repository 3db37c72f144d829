import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import process from 'node:process'
import { Command, InvalidArgumentError, Option } from 'commander'
import { type Logger, ServerError, silentLogger } from '../base/index.ts'
import {
  ACCESS_ACTIONS,
  type AccessAction,
  readKeyFile,
  TOKEN_KEY_ID,
  type TokenKey,
} from '../control/index.ts'
import { reportFailure } from './failure.ts'
import { describeSigned, MAX_DURATION_DAYS, originsOf, readDuration, signForAll } from './sign-text.ts'

type Arguments = {
  for: AccessAction
  expires: number
  keyFile: string
  key?: string
  newKey?: string
  address?: string
  vhost?: string
  wholeApp?: boolean
  httpUrl?: string
  rtmpUrl?: string
  json?: boolean
}

/** Random bytes of a new secret. */
const NEW_SECRET_BYTES = 32

/** The command `srs sign`: signs the URLs of a stream, for servers that want that (`token`). */
export function createSignCommand(): Command {
  return new Command('sign')
    .description('Sign the URLs of a stream, for a server that lets in only who has a signed one.')
    .argument('[URL]', 'any URL of the stream: rtmp://host/live/demo, http://host:8080/live/demo.flv')
    .requiredOption('--key-file <FILE>', 'lines of an id and a secret, as the server has them')
    .addOption(new Option('--for <ACTION>', 'what is allowed').choices(ACCESS_ACTIONS).default('play'))
    .option('--expires <TIME>', 'until when, from now: 90s, 30m, 12h, 7d', parseExpires, 3_600_000)
    .option('--address <ADDRESS>', 'for one IP address or network only, e.g. 192.0.2.1, 2001:db8::/64')
    .option('--whole-app', 'for every stream of the application')
    .option('--vhost <NAME>', 'the virtual host, as the configuration calls it; default: __defaultVhost__')
    .option('--key <ID>', 'the key to sign with; default: the first of the file')
    .option('--http-url <URL>', 'where the server is for HTTP; default: port 8080 of the same host')
    .option('--rtmp-url <URL>', 'where the server is for RTMP; default: the same host')
    .option('--json', 'the URLs as JSON')
    .option('--new-key <ID>', 'put a new key at the head of the file, which is made if need be', parseKeyId)
    .addHelpText(
      'after',
      `
Examples:
  srs sign --new-key k1 --key-file token.keys
  srs sign rtmp://localhost/live/demo --for publish --expires 12h --key-file token.keys
  srs sign rtmp://localhost/live/demo --expires 30m --address 192.0.2.1 --key-file token.keys`,
    )
    .action((url: string | undefined, given: Arguments) => reportFailure('srs sign', () => run(url, given)))
}

async function run(url: string | undefined, given: Arguments): Promise<void> {
  const { newKey, keyFile, key: keyId } = given
  if (newKey !== undefined) {
    await addKey(newKey, keyFile)
  }
  if (url === undefined) {
    if (newKey === undefined) {
      throw mistake('which stream? Give a URL of it, e.g. rtmp://localhost/live/demo')
    }
    return
  }
  const keys = await readKeyFile(keyFile, '--key-file', stderrLogger)
  const key = keyId === undefined ? keys[0] : keys.find(({ id }) => id === keyId)
  if (key === undefined) {
    throw mistake(`${keyFile} has no key${keyId === undefined ? '' : ` '${keyId}'`}`)
  }
  printSigned(url, key, given)
}

function printSigned(url: string, key: TokenKey, given: Arguments): void {
  const { address, vhost, wholeApp, httpUrl, rtmpUrl } = given
  const expires = new Date(Date.now() + given.expires)
  const origins = {
    ...originsOf(url),
    ...(httpUrl === undefined ? {} : { http: httpUrl.replace(/\/+$/, '') }),
    ...(rtmpUrl === undefined ? {} : { rtmp: rtmpUrl.replace(/\/+$/, '') }),
  }
  const urls = signForAll(url, origins, {
    action: given.for,
    expires,
    key,
    ...(address === undefined ? {} : { address }),
    ...(vhost === undefined ? {} : { vhost }),
    ...(wholeApp === undefined ? {} : { wholeApp }),
  })
  process.stdout.write(
    given.json === true ? `${JSON.stringify(urls, null, 2)}\n` : describeSigned(urls, expires),
  )
}

/** Puts a new key before the others; nobody else may read a file that is made for it. */
async function addKey(id: string, file: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      return ''
    }
    throw error
  })
  const keys = text === '' ? [] : await readKeyFile(file, '--key-file', stderrLogger)
  if (keys.some((key) => key.id === id)) {
    throw mistake(`${file} has a key '${id}' already`)
  }
  await writeFile(file, `${id} ${randomBytes(NEW_SECRET_BYTES).toString('hex')}\n${text}`, { mode: 0o600 })
}

/** Warnings about the file go to the person. */
const stderrLogger: Logger = {
  ...silentLogger,
  warn: (fields, message) =>
    void process.stderr.write(`srs sign: ${message}: ${'file' in fields ? String(fields.file) : ''}\n`),
}

function parseKeyId(text: string): string {
  if (!TOKEN_KEY_ID.test(text)) {
    throw new InvalidArgumentError("It must be 1 to 32 letters, digits, '-' and '_'.")
  }
  return text
}

function parseExpires(text: string): number {
  const durationMs = readDuration(text)
  if (durationMs === null) {
    throw new InvalidArgumentError(
      `It must be a number and a unit, up to ${MAX_DURATION_DAYS}d: 90s, 30m, 12h, 7d.`,
    )
  }
  return durationMs
}

function mistake(message: string): ServerError {
  return new ServerError('ERR_CONFIGURATION', message)
}
