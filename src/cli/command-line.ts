import process from 'node:process'
import { Command, InvalidArgumentError, Option } from 'commander'
import { SERVER_NAME, ServerError, toError, VERSION } from '../base/index.ts'
import {
  type Config,
  defaultProcessSettings,
  formatFault,
  type LogLevel,
  nearestName,
  type ProcessSettings,
  processSettingsOf,
  settingsOf,
} from '../control/index.ts'
import { parseListenAddress } from '../net/index.ts'
import { createCheckCommand } from './check.ts'
import { createConfigCommand, testConfig } from './config.ts'
import {
  type ConfigArguments,
  type ConfigSource,
  findConfigSource,
  idleVariables,
  readConfigOrTell,
} from './config-source.ts'
import { EXIT_USAGE } from './exit-codes.ts'
import { reportFailure } from './failure.ts'
import { type ListenArguments, readListenArguments } from './listen-arguments.ts'
import { createLoadCommand } from './load.ts'
import { LOG_FORMATS, LOG_LEVELS, type LogFormat } from './logger.ts'
import { createPlayCommand } from './play.ts'
import { createPublishCommand } from './publish.ts'
import { createReloadCommand } from './reload.ts'
import { createRemoteCommands } from './remote/commands.ts'
import { createTopCommand } from './remote/top.ts'
import { ConfigReloader } from './service/config-reloader.ts'
import { isInContainer } from './service/container.ts'
import type { HeldSignals } from './service/held-signals.ts'
import { type ServeOptions, serve } from './service/serve.ts'
import { createSignCommand } from './sign.ts'
import { endWithOutput } from './standard-output.ts'

type Arguments = ListenArguments &
  ConfigArguments & {
    test?: true
    signature?: true
    logLevel: LogLevel
    logFormat: LogFormat
    logFile?: string
    daemon?: true
    pidFile?: string
    demo?: true
    reportPipe?: number
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
  .option('--log-file <FILE>', 'log into a file; SIGUSR1 opens it anew when it was moved')
  .option('--daemon', 'run in the background; the command ends when the server listens')
  .option('--pid-file <FILE>', 'a file with the number of the process; only one server gets it')
  .addOption(new Option('--report-pipe <FD>').argParser(Number).hideHelp())
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
const commands = [
  createPlayCommand(),
  createPublishCommand(),
  createCheckCommand(),
  createLoadCommand(),
  createConfigCommand(),
  createSignCommand(),
  createReloadCommand(),
  ...createRemoteCommands(),
  createTopCommand(),
]
for (const command of commands) {
  program.addCommand(command.copyInheritedSettings(program))
  // Where `play` records to standard output, it completes the recording first.
  if (command.name() !== 'play') {
    command.hook('preAction', () => endWithOutput(`srs ${command.name()}`))
  }
}

/**
 * Does what the arguments of the process say.
 * @param signals those that have come since it began; kept for the server, other commands leave them to the system
 */
export async function runCommandLine(signals: HeldSignals): Promise<void> {
  for (const command of commands) {
    command.hook('preAction', () => signals.release())
  }
  program.allowExcessArguments().action((options: Arguments, { args: [word] }: Command) => {
    if (word !== undefined) {
      program.error(`error: ${describeUnknownCommand(word)}`, { exitCode: EXIT_USAGE })
    }
    return run(options, signals)
  })
  await program.parseAsync(process.argv.map(translateOption))
}

async function run(options: Arguments, signals: HeldSignals): Promise<void> {
  if (options.signature === true) {
    process.stdout.write(`${SERVER_NAME}\n`)
    return
  }
  await reportFailure('srs', async () => {
    if (options.test === true) {
      await signals.release()
      await testConfig(findConfigSource(options))
      return
    }
    const told = await readSettings(options)
    if (told === null) {
      process.exitCode = EXIT_USAGE
      return
    }
    const { server } = told
    const settings = withOptions(told.process, options)
    const hasCertificate = server.rtmps !== undefined || server.https !== undefined
    // A service that is asked to reload must not end, though there may be nothing to read again.
    const source = findConfigSource(options)
    const isService = settings.daemon || source !== null
    await serve({
      ...told,
      signals,
      process: settings,
      logFormat: options.logFormat,
      demo: options.demo === true,
      reportPipe: options.reportPipe ?? null,
      // What fails is logged; the server goes on with the certificate it has.
      ...(hasCertificate || isService
        ? { onHangUp: (running) => void running.reloadCertificates().catch(() => {}) }
        : {}),
      ...(source === null
        ? {}
        : {
            reloader: (running, logger, folder) =>
              new ConfigReloader(
                { server: running, logger, source, running: told.process, processOf: processOf(source) },
                folder,
              ),
          }),
    })
  })
}

/**
 * What the configuration says, or the options where there is none; null if it has faults, which were told.
 * @throws ServerError ERR_CONFIGURATION if options contradict each other
 */
async function readSettings(
  options: Arguments,
): Promise<Pick<ServeOptions, 'server' | 'process' | 'texts' | 'notices' | 'listenHint'> | null> {
  const source = findConfigSource(options)
  if (source === null) {
    const idle = idleVariables()
    const message = 'variables have no effect without a configuration: give -c FILE or -e'
    return {
      server: readListenArguments(options),
      process: defaultProcessSettings,
      texts: [],
      notices: idle.length === 0 ? [] : [{ fields: { variables: idle }, message }],
      listenHint: LISTEN_HINT,
    }
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
  if (read === null) {
    return null
  }
  const { config, notices, sources } = read
  return {
    server: settingsOf(config),
    // As in SRS, a process that is configured by variables alone is for a container.
    process: processOf(source)(config),
    texts: [...sources.values()],
    notices: notices.map((notice) => ({ fields: {}, message: formatFault(notice) })),
    listenHint: '',
  }
}

/** What configurations from there say of the process. */
function processOf({ path }: ConfigSource): (config: Config) => ProcessSettings {
  return (config) => processSettingsOf(config, { inContainer: path === null || isInContainer() })
}

/** What was typed counts before what a configuration says. */
function withOptions(settings: ProcessSettings, options: Arguments): ProcessSettings {
  const { logLevel, logFile, daemon, pidFile } = options
  const level = program.getOptionValueSource('logLevel') === 'cli' ? { level: logLevel } : {}
  const file = logFile === undefined ? {} : ({ target: 'file', file: logFile } as const)
  return {
    ...settings,
    daemon: daemon === true || settings.daemon,
    pidFile: pidFile ?? settings.pidFile,
    log: { ...settings.log, ...level, ...file },
  }
}

/** What to say of a word that is no command. */
function describeUnknownCommand(word: string): string {
  const near = nearestName(
    word,
    commands.map((command) => command.name()),
  )
  const hint = near === null ? 'srs --help lists them; -c names a configuration' : `did you mean ${near}?`
  return `there is no command '${word}': ${hint}`
}

/** SRS has a few options by two names, one of which is hard to write in a program. */
function translateOption(argument: string): string {
  return argument === '-V' ? '-v' : argument === '-G' ? '-g' : argument === '-?' ? '-h' : argument
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
