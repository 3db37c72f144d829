#!/usr/bin/env -S node --max-semi-space-size=8
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError, Option } from 'commander'
import { type Logger, SERVER_NAME, ServerError, toError, VERSION } from '../base/index.ts'
import { formatFault, type ServerSettings, settingsOf } from '../control/index.ts'
import { parseListenAddress } from '../net/index.ts'
import { createServer, type Server } from '../server/index.ts'
import { createCheckCommand } from './check.ts'
import { createConfigCommand, testConfig } from './config.ts'
import { type ConfigArguments, findConfigSource, idleVariables, readConfigOrTell } from './config-source.ts'
import { EXIT_FAULT, EXIT_INTERRUPTED, EXIT_USAGE } from './exit-codes.ts'
import { type ListenArguments, readListenArguments } from './listen-arguments.ts'
import { createLoadCommand } from './load.ts'
import { createLogger, LOG_FORMATS, LOG_LEVELS, type LogFormat, type LogLevel } from './logger.ts'
import { createPlayCommand } from './play.ts'
import { createPublishCommand } from './publish.ts'
import { createSignCommand } from './sign.ts'
import { describeServer } from './welcome.ts'

type Arguments = ListenArguments &
  ConfigArguments & {
    test?: true
    signature?: true
    logLevel: LogLevel
    logFormat: LogFormat
    demo?: true
  }

/** What follows an address that can't be had. */
const LISTEN_HINT = `     --listen HOST:PORT is for RTMP, --http-listen for HTTP, --rtmps-listen for RTMPS, --https-listen for HTTPS.
`

/** Options that a configuration takes the place of. */
const LISTEN_OPTIONS = [
  'listen',
  'httpListen',
  'rtmpsListen',
  'httpsListen',
  'tlsCertificate',
  'tlsKey',
  'proxyProtocol',
  'trustedProxies',
] as const satisfies readonly (keyof ListenArguments)[]

/** Errors by which the command was called wrongly. */
const MISTAKES: ReadonlySet<string> = new Set(['ERR_LISTEN', 'ERR_CONFIGURATION', 'ERR_CERTIFICATE'])

const program = new Command('srs')
  .description('A live-streaming server: RTMP in, RTMP, HTTP-FLV, WebSocket-FLV and HLS out.')
  .version(VERSION, '-v, --version', 'print the version')
  .option(
    '-c, --config <FILE>',
    'configuration file, as SRS has it; takes the place of all options about listening',
  )
  .option('-e, --env-only', 'configure by the environment alone: SRS_LISTEN and the like')
  .option('-t, --test', 'test the configuration, say what is wrong, and end')
  .option('-g, --signature', 'print the name and version that clients are told, and end')
  .addOption(listenOption('--listen', 'RTMP; no host means every interface; again for more', ':1935'))
  .addOption(
    listenOption('--http-listen', 'HTTP: players, API, page; no host means every interface', ':8080'),
  )
  .addOption(listenOption('--rtmps-listen', 'RTMP within TLS, e.g. :443; needs a certificate'))
  .addOption(listenOption('--https-listen', 'HTTP within TLS, e.g. :8443; needs a certificate'))
  .option('--tls-certificate <FILE>', 'PEM file: certificate, then intermediate ones; SIGHUP reads it again')
  .option('--tls-key <FILE>', 'PEM file: the private key of the certificate')
  .option(
    '--proxy-protocol <LISTENERS>',
    'proxies in front of these speak the PROXY protocol, e.g. rtmp,http; nobody else is let in there',
  )
  .option('--trusted-proxies <ADDRESSES>', 'the proxies, e.g. 10.0.0.0/8,::1; default: whoever connects')
  .option('--demo', 'publish a bundled clip as live/demo')
  .addOption(new Option('--log-level <LEVEL>', 'what is logged at least').choices(LOG_LEVELS).default('info'))
  .addOption(
    new Option('--log-format <FORMAT>', 'auto: pretty on a terminal, else JSON lines')
      .choices(LOG_FORMATS)
      .default('auto'),
  )
  .addHelpText(
    'after',
    `
Examples:
  srs                                         RTMP on 1935, HTTP on 8080, every interface
  srs --demo                                  the same, with a clip to watch
  srs -c srs.conf                             as a file says; srs -t -c srs.conf tests it
  srs --listen 127.0.0.1:1935 --http-listen 127.0.0.1:8080
                                              for this machine only
  srs --listen :1935 --listen :19350 --http-listen unix:/run/srs/http.sock
                                              two ports, and a Unix socket for a proxy
  ffmpeg -re -i file.mp4 -c copy -f flv rtmp://localhost/live/demo
                                              publish to it`,
  )

program.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT_USAGE))
program.action((options: Arguments) => run(options))
const commands = [
  createPlayCommand(),
  createPublishCommand(),
  createCheckCommand(),
  createLoadCommand(),
  createConfigCommand(),
  createSignCommand(),
]
for (const command of commands) {
  program.addCommand(command.copyInheritedSettings(program))
}
await program.parseAsync(process.argv.map(translateOption))

async function run(options: Arguments): Promise<void> {
  if (options.signature === true) {
    process.stdout.write(`${SERVER_NAME}\n`)
    return
  }
  const logger = createLogger(options.logLevel, options.logFormat)
  try {
    if (options.test === true) {
      await testConfig(findConfigSource(options))
      return
    }
    const settings = await readSettings(options, logger)
    if (settings === null) {
      process.exitCode = EXIT_USAGE
      return
    }
    const server = await createServer({ ...settings, logger })
    endOnSignals(server)
    if (settings.rtmps !== undefined || settings.https !== undefined) {
      // What fails is logged; the server goes on with the certificate it has.
      process.on('SIGHUP', () => void server.reloadCertificates().catch(() => {}))
    }
    const demo = options.demo === true
    if (demo) {
      await server.publishFile('live/demo', {
        path: fileURLToPath(new URL('../../assets/demo.flv', import.meta.url)),
      })
    }
    process.stdout.write(describeServer(server, { demo }))
  } catch (error) {
    const { message } = toError(error)
    process.stderr.write(`srs: ${message}\n`)
    if (error instanceof ServerError && error.code === 'ERR_LISTEN') {
      process.stderr.write(LISTEN_HINT)
    }
    process.exit(error instanceof ServerError && MISTAKES.has(error.code) ? EXIT_USAGE : EXIT_FAULT)
  }
}

/**
 * What the configuration says, or the options where there is none; null if it has faults, which were told.
 * @throws ServerError ERR_CONFIGURATION if options contradict each other
 */
async function readSettings(options: Arguments, logger: Logger): Promise<ServerSettings | null> {
  const source = findConfigSource(options)
  if (source === null) {
    const idle = idleVariables()
    if (idle.length > 0) {
      logger.warn({ variables: idle }, 'variables have no effect without a configuration: give -c FILE or -e')
    }
    return readListenArguments(options)
  }
  const [typed] = LISTEN_OPTIONS.filter((name) => program.getOptionValueSource(name) === 'cli')
  if (typed !== undefined) {
    const flag = `--${typed.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
    throw new ServerError(
      'ERR_CONFIGURATION',
      `${flag} and a configuration exclude each other: say in the configuration where to listen`,
    )
  }
  const read = await readConfigOrTell(source)
  for (const notice of read?.notices ?? []) {
    logger.warn({}, formatFault(notice))
  }
  return read === null ? null : settingsOf(read.config)
}

/** SRS has a few options by two names, one of which is hard to write in a program. */
function translateOption(argument: string): string {
  return argument === '-V' ? '-v' : argument === '-G' ? '-g' : argument === '-?' ? '-h' : argument
}

/** The first signal closes the server in order; a second one ends at once. */
function endOnSignals(server: Server): void {
  let closing = false
  const onSignal = (): void => {
    if (closing) {
      process.exit(EXIT_INTERRUPTED)
    }
    closing = true
    process.stdout.write(
      '\nClosing: connections are ended and ports freed. Press Ctrl-C again to end at once.\n',
    )
    server.close().then(
      () => {
        // Nothing is left that keeps the process: it ends by itself, and a last Ctrl-C ends it if that is not so.
        process.off('SIGINT', onSignal)
        process.off('SIGTERM', onSignal)
      },
      (error: unknown) => {
        process.stderr.write(`srs: closing failed: ${toError(error).message}\n`)
        process.exit(EXIT_FAULT)
      },
    )
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
}

/** An option that may be given several times, for several addresses. */
function listenOption(name: string, description: string, byDefault?: string): Option {
  const option = new Option(`${name} <HOST:PORT>`, description)
  const initial = byDefault === undefined ? undefined : [byDefault]
  if (initial !== undefined) {
    option.default(initial, `"${byDefault}"`)
  }
  return option.argParser((text: string, previous: string[] | undefined) => {
    try {
      parseListenAddress(text)
    } catch (error) {
      throw new InvalidArgumentError(toError(error).message)
    }
    return previous === undefined || previous === initial ? [text] : [...previous, text]
  })
}
