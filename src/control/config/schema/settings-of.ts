import { type ListenTuning, type ProxyProtocolOptions, parseListenAddress } from '../../../net/index.ts'
import {
  defaultProcessSettings,
  type ProcessSettings,
  type ServerSettings,
  SRS_LOG_LEVELS,
  type VhostSettings,
} from '../../settings/index.ts'
import type { AnyBlock, Valued } from './config.ts'
import { enginesOf } from './engines-of.ts'
import { ROOT_ROWS } from './rows/root.ts'
import { VHOST } from './rows/vhost.ts'
import type { Config, VhostConfig } from './schema.ts'
import { applyRows, putSetting, type SettingsTree } from './settings-tree.ts'

/** The listeners, as `listener` names them. */
export const LISTENER_NAMES = ['rtmp', 'rtmps', 'http', 'https', 'api', 'api_https', 'exporter'] as const

/** One of `LISTENER_NAMES`. */
type ListenerName = (typeof LISTENER_NAMES)[number]

/** What `ff_log_dir` is in SRS where no logs are wanted. */
const NO_LOGS = '/dev/null'

/** What a block with a certificate says. */
type TlsValues = Config['values']['rtmps']['values']

/**
 * What a configuration says of the server, as a program says it to `createServer`. What nobody wrote is left out, so that the
 * modules' own defaults hold.
 */
export function settingsOf(config: Config): ServerSettings {
  const { process: _ofTheProcess, ...tree } = treeOf(config)
  putListeners(config, tree)
  if (config.values.heartbeat.values.enabled.value) {
    tree.heartbeat ??= {}
  } else {
    delete tree.heartbeat
  }
  const programs = tree.programs as SettingsTree | undefined
  if (programs?.logDirectory === NO_LOGS) {
    programs.logDirectory = null
  }
  if (config.values.utc_time.value) {
    tree.programs = { ...programs, utcTime: true }
  }
  if (!config.values.stats.values.enabled.value) {
    tree.stats = { enabled: false }
  }
  const vhosts = config.values.vhost.flatMap((vhost) => {
    const settings = vhostSettingsOf(vhost)
    return vhost.names.map((name) => [name, settings] as const)
  })
  tree.vhosts = Object.fromEntries(vhosts)
  // The rows' paths are those of the settings: the compiler compares them (CheckedRows).
  return tree as ServerSettings
}

/** What is known of the process beside what a configuration says. */
export type ProcessSurroundings = Readonly<{
  /** Does it run in a container, which ends with its first process? */
  inContainer: boolean
}>

/** The pid file of a server in the background for which none is given, as in SRS. */
const BACKGROUND_PID_FILE = './objs/srs.pid'

/**
 * What a configuration says of the process, with the defaults of what it does not say. As in SRS, the process goes to the background
 * unless that is off or it is in a container. Where its log goes, and whether it has a pid file, follows from that if nobody says it:
 * a process in the foreground has somebody who watches it and reads what it prints.
 */
export function processSettingsOf(config: Config, { inContainer }: ProcessSurroundings): ProcessSettings {
  const { values } = config
  const { srs_log_level, srs_log_level_v2, pithy_print_ms, pithy_print } = values
  const isContained = inContainer || values.in_docker.value
  const staysInForeground = values.disable_daemon_for_docker.value && isContained
  const daemon = values.daemon.value && !staysInForeground
  const v2 = srs_log_level_v2.value
  const level = v2 === null ? SRS_LOG_LEVELS.v1[srs_log_level.value] : SRS_LOG_LEVELS.v2[v2]
  const said = treeOf(config).process as Partial<ProcessSettings> | undefined
  const { log, quit } = defaultProcessSettings
  return {
    ...defaultProcessSettings,
    pidFile: daemon ? BACKGROUND_PID_FILE : null,
    ...said,
    daemon,
    autoReload: values.inotify_auto_reload.value || (values.auto_reload_for_docker.value && isContained),
    log: {
      ...log,
      target: daemon ? 'file' : 'console',
      utc: values.utc_time.value,
      level: level ?? log.level,
      ...said?.log,
    },
    progress: {
      publishMs: pithy_print.values.publish.value ?? pithy_print_ms.value,
      playMs: pithy_print.values.play.value ?? pithy_print_ms.value,
    },
    quit: { ...quit, ...said?.quit },
  }
}

function treeOf(config: Config): SettingsTree {
  const tree: SettingsTree = {}
  applyRows(ROOT_ROWS, config.values as AnyBlock['values'], tree, ['vhost'])
  return tree
}

function putListeners({ values }: Config, tree: SettingsTree): void {
  const { listen, rtmps, http_server, http_api, exporter, listener } = values
  const tunings = new Map(
    listener.flatMap(({ names, values: tuning }) => names.map((name) => [name, tuning] as const)),
  )
  const at = (name: ListenerName, endpoints: readonly string[]): SettingsTree => {
    const tuning = tunings.get(name)
    const mode =
      tuning?.unix_mode === undefined || !isWritten(tuning.unix_mode) ? {} : { mode: tuning.unix_mode.value }
    const addresses = endpoints.map((text) => {
      const address = parseListenAddress(text)
      return 'path' in address ? { ...address, ...mode } : address
    })
    const [only] = addresses
    return {
      ...(addresses.length === 1 ? only : { addresses }),
      ...(tuning === undefined ? {} : tuningOf(tuning)),
    }
  }
  const secured = (name: ListenerName, { listen: endpoints, key, cert }: TlsValues): SettingsTree => ({
    ...at(name, endpoints.value),
    certificate: cert.value,
    key: key.value,
  })
  // Sessions are alike with TLS and without.
  const session = tree.rtmp as SettingsTree | undefined
  delete tree.rtmp
  if (listen.value !== null) {
    tree.rtmp = { ...session, ...at('rtmp', listen.value) }
  }
  if (rtmps.values.enabled.value) {
    tree.rtmps = { ...session, ...secured('rtmps', rtmps.values) }
  }
  const { enabled, listen: httpListen, crossdomain, dir, https } = http_server.values
  const site = { ...said('crossOrigin', crossdomain), ...said('root', dir) }
  if (enabled.value) {
    tree.http = { ...at('http', httpListen.value), ...site }
    if (https.values.enabled.value) {
      tree.https = { ...secured('https', https.values), ...site }
    }
  }
  tree.api = false
  const api = http_api.values
  if (
    api.auth.values.enabled.value ||
    isWritten(api.auth.values.username) ||
    isWritten(api.auth.values.password)
  ) {
    putSetting(tree, 'apiAccess.auth.enabled', api.auth.values.enabled.value)
  }
  if (api.enabled.value) {
    const shown = { ...said('crossOrigin', api.crossdomain), ...said('page', api.page) }
    tree.api = { ...at('api', api.listen.value), ...shown }
    if (api.https.values.enabled.value) {
      tree.apiHttps = { ...secured('api_https', api.https.values), ...shown }
    }
  }
  const told = tree.exporter as SettingsTree | undefined
  delete tree.exporter
  if (exporter.values.enabled.value) {
    tree.exporter = { ...told, ...at('exporter', exporter.values.listen.value) }
  }
}

function tuningOf({
  backlog,
  tls_handshake_timeout,
  proxy_protocol: { values },
}: Config['values']['listener'][number]['values']): ListenTuning {
  const { enabled, kinds, trusted, header_timeout } = values
  const proxyProtocol: ProxyProtocolOptions = {
    ...said('kinds', kinds as Valued<NonNullable<ProxyProtocolOptions['kinds']>>),
    ...said('headerTimeoutMs', header_timeout),
    ...(trusted.value === null ? {} : { trustedProxies: trusted.value }),
  }
  return {
    ...said('backlog', backlog),
    ...said('tlsHandshakeTimeoutMs', tls_handshake_timeout),
    ...(enabled.value ? { proxyProtocol } : {}),
  }
}

/** A member with this value, if somebody wrote it. */
function said<Name extends string, Value>(
  name: Name,
  valued: Valued<Value>,
): { [N in Name]?: NonNullable<Value> } {
  return (isWritten(valued) ? { [name]: valued.value } : {}) as { [N in Name]?: NonNullable<Value> }
}

function isWritten({ origin }: Valued<unknown>): boolean {
  return origin.from !== 'default'
}

function vhostSettingsOf({ values }: VhostConfig): VhostSettings {
  const tree: SettingsTree = {}
  applyRows(VHOST.rows, values as AnyBlock['values'], tree)
  // A program's vhosts serve FLV and HLS unless told not to; those of a file, as in SRS, only if told to.
  putSetting(tree, 'flv.enabled', values.http_remux.values.enabled.value)
  putSetting(tree, 'hls.enabled', values.hls.values.enabled.value)
  const { enabled, allow, deny } = values.security.values
  if (enabled.value) {
    const rules = [
      ...deny.map(({ value }) => ({ effect: 'deny', ...value })),
      ...allow.map(({ value }) => ({ effect: 'allow', ...value })),
    ]
    // On without any rule refuses everybody.
    putSetting(tree, 'access.security', { rules })
  }
  return { ...(tree as VhostSettings), ...enginesOf(values) }
}
